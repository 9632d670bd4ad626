using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using StreamRec.Events;
using StreamRec.Options;
using StreamRec.Settings;

namespace StreamRec.Commands;

/// <summary>
/// What is wrong with a command line, in one sentence: the parser takes a mistyped option for a value, complains of all
/// that follows from it, and reads numbers by thousands.
/// </summary>
internal static class ParseFaults
{
    /// <summary>Options whose values are arguments of another command.</summary>
    private static readonly string[] s_forwarding = ["--work", "--peer"];

    /// <returns>Null if nothing is wrong.</returns>
    public static string? Find(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var command = parsed.CommandResult.Command;
        // What stands behind half a setting may be its value, and a secret.
        if (
            arguments
                .Zip(arguments.Skip(1))
                .Any(pair => pair.First == SharedOptions.SetName && !pair.Second.Contains('='))
        )
        {
            return SharedOptions.HalfSetting;
        }
        return UnknownCommand(parsed, command)
            ?? UnknownOption(parsed, command, arguments)
            ?? (
                parsed.Action is SettingsHelp
                    ? null
                    : Surplus(parsed, command)
                        ?? Value(parsed)
                        ?? (parsed.Errors.Count > 0 ? Missing(parsed, command) : null)
            );
    }

    private static string? UnknownCommand(ParseResult parsed, Command command)
    {
        if (
            command.Subcommands.Count == 0
            || parsed.UnmatchedTokens.FirstOrDefault() is not { } token
            || token.StartsWith('-')
        )
        {
            return null;
        }
        var names = command.Subcommands.Select(sub => sub.Name).ToList();
        return $"There is no command '{Excerpt.Of(token)}'.{Nearest.Hint(token, names)} There are "
            + $"{Setting.Either(names)}.";
    }

    private static string? UnknownOption(ParseResult parsed, Command command, IReadOnlyList<string> arguments)
    {
        var names = parsed
            .RootCommandResult.Command.Options.Where(option => option.Recursive)
            .Concat(command.Options)
            .Select(option => option.Name)
            .ToList();
        var taken = parsed
            .CommandResult.Children.Where(child =>
                child is not OptionResult option || !s_forwarding.Contains(option.Option.Name)
            )
            .SelectMany(child => child.Tokens)
            .Select(token => token.Value)
            .Concat(parsed.UnmatchedTokens)
            .ToHashSet();
        var stray = arguments
            .TakeWhile(argument => argument != "--")
            .FirstOrDefault(argument => taken.Contains(argument) && LooksLikeOption(argument, names));
        if (stray is null)
        {
            return null;
        }
        var name = stray.Split('=', ':')[0];
        if (names.Contains(SharedOptions.SetName) && SettingOf(name) is { } setting)
        {
            return $"There is no option '{name}': {setting} is a setting. Give --set {setting}=VALUE. {See(command)}";
        }
        var whose = command is RootCommand ? "" : $" of `{CommandTree.Typed(command)}`";
        return $"There is no option '{Excerpt.Of(name)}'{whose}.{Nearest.Hint(name, names)} {See(command)}";
    }

    private static string? SettingOf(string option) =>
        SettingsReader.Known.FirstOrDefault(known =>
            known.Equals(option.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>
    /// Two hyphens and a letter, or one before the name of an option: -5 is a number, and -x may be somebody's id.
    /// </summary>
    private static bool LooksLikeOption(string argument, List<string> names) =>
        argument.Length > 2
        && argument[0] == '-'
        && (
            argument[1] == '-'
                ? char.IsLetter(argument[2])
                : names.Contains("-" + argument.Split('=', ':')[0], StringComparer.OrdinalIgnoreCase)
        );

    /// <summary>Without what follows a =, for that may be a secret.</summary>
    private static string? Surplus(ParseResult parsed, Command command) =>
        parsed.UnmatchedTokens.FirstOrDefault() is { } token
            ? $"'{Excerpt.Of(token.Split('=')[0])}' is an argument too many for `{CommandTree.Typed(command)}`. "
                + $"{See(command)}"
            : null;

    private static string? Value(ParseResult parsed)
    {
        foreach (var child in parsed.CommandResult.Children)
        {
            // A default was not given, and what is missing is told elsewhere.
            var fault = child switch
            {
                OptionResult { Implicit: false } option => Value(
                    option.Option.Name,
                    option.Option.ValueType,
                    option.Option,
                    child
                ),
                ArgumentResult argument => Value(
                    argument.Argument.Name.ToUpperInvariant(),
                    argument.Argument.ValueType,
                    argument.Argument,
                    child
                ),
                _ => null,
            };
            if (fault is not null)
            {
                return fault;
            }
        }
        return null;
    }

    private static string? Value(string name, Type type, Symbol symbol, SymbolResult result)
    {
        type = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        var texts = result.Tokens.Select(token => token.Value).ToList();
        if (SettingValue.Reads(type))
        {
            foreach (var text in texts)
            {
                if (SettingValue.Read(type, text, out _) is { } advice)
                {
                    return $"{name} is '{Excerpt.Of(text)}': {advice}";
                }
            }
        }
        if (!result.Errors.Any())
        {
            return null;
        }
        var choices = symbol.GetCompletions(CompletionContext.Empty).Select(choice => choice.Label).ToList();
        if (choices.Count > 0 && texts.Except(choices).FirstOrDefault() is { } wrong)
        {
            return $"{name} is '{Excerpt.Of(wrong)}': give {Setting.Either(choices)}.{Nearest.Hint(wrong, choices)}";
        }
        return texts.Count switch
        {
            0 when symbol is Option => $"{name} lacks its value.",
            > 1 when symbol is Option => string.Create(
                CultureInfo.InvariantCulture,
                $"{name} is given {texts.Count} times: give it once."
            ),
            _ => null,
        };
    }

    private static string Missing(ParseResult parsed, Command command)
    {
        List<string> missing =
        [
            .. command
                .Arguments.Where(argument =>
                    argument.Arity.MinimumNumberOfValues > 0
                    && (parsed.GetResult(argument) is null or { Tokens.Count: 0 })
                )
                .Select(argument => argument.Name.ToUpperInvariant()),
            .. command
                .Options.Where(option => option.Required && (parsed.GetResult(option) is null or { Implicit: true }))
                .Select(option => option.Name),
        ];
        return missing.Count == 0 && command.Subcommands.Count > 0
                ? $"`{CommandTree.Typed(command)}` alone does nothing: add "
                    + $"{Setting.Either([.. command.Subcommands.Select(sub => sub.Name)])}."
            : missing.Count == 0 ? $"{parsed.Errors[0].Message.ReplaceLineEndings(" ")} {See(command)}"
            : $"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing. {See(command)}";
    }

    private static string See(Command command) =>
        command is RootCommand ? "See `streamrec --help`." : $"See `{CommandTree.Typed(command)} --help`.";
}
