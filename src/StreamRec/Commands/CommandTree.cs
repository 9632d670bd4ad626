using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using StreamRec.Catalogue;
using StreamRec.Comparisons;
using StreamRec.Completions;
using StreamRec.Configuration;
using StreamRec.DeadLetters;
using StreamRec.Doctor;
using StreamRec.Registry.Commands;
using StreamRec.Status;

namespace StreamRec.Commands;

/// <summary>All commands, and how their lines are read.</summary>
internal static class CommandTree
{
    /// <summary>
    /// An argument that begins with @ is no file of arguments (users' handles do), and one hyphen no bundle of letters.
    /// </summary>
    private static readonly ParserConfiguration s_reading = new()
    {
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>How a shell asks for values: <c>[suggest:POSITION]</c>.</summary>
    private const string Suggestion = "[suggest";

    public static RootCommand Create()
    {
        var work = WorkCommand.Create();
        var root = new RootCommand("StreamRec: click events from Kafka become fresh top-N lists in Redis.")
        {
            DemoCommand.Create(),
            ImportCommand.Create(),
            TrainCommand.Create(),
            EvaluateCommand.Create(),
            CompareCommand.Create(),
            SweepCommand.Create(),
            ProduceCommand.Create(),
            work,
            RecoverCommand.Create(),
            LookupCommand.Create(),
            BenchCommand.Create(),
            StatusCommand.Create(),
            DeadLettersCommand.Create(),
            CatalogueCommand.Create(),
            ModelsCommand.Create(),
            DoctorCommand.Create(work),
            ConfigCommand.Create(work),
        };
        root.Add(CompletionsCommand.Create(() => root));
        root.Add(Help(root));
        var help = root.Options.OfType<HelpOption>().First();
        help.Action = new SettingsHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Reads a command line; nothing at all asks for help.</summary>
    /// <exception cref="StreamRecException">Something in it is wrong.</exception>
    public static ParseResult Read(RootCommand root, string[] arguments)
    {
        var parsed = root.Parse(arguments.Length == 0 ? ["--help"] : arguments, s_reading);
        if (
            parsed.Tokens is [{ Type: TokenType.Directive, Value: var asked }, ..]
            && asked.StartsWith(Suggestion, StringComparison.Ordinal)
        )
        {
            // A shell asks what may follow a line that is not finished.
            return parsed;
        }
        return ParseFaults.Find(parsed, arguments) is { } fault
            ? throw new StreamRecException(fault, FaultKind.Usage)
            : parsed;
    }

    /// <summary>A command as it is typed, with those that it is below.</summary>
    public static string Typed(Command command) =>
        string.Join(
            ' ',
            command.Parents.OfType<Command>().FirstOrDefault() is { } above and not RootCommand
                ? [Typed(above), command.Name]
                : ["streamrec", command.Name]
        );

    private static Command Help(RootCommand root)
    {
        var about = new Argument<string[]>("command")
        {
            Description = "The command to explain. Default: all of them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var help = new Command("help", "Show help.") { about };
        help.SetAction(parsed =>
            Read(root, [.. parsed.GetValue(about) ?? [], "--help"]).Invoke(parsed.InvocationConfiguration)
        );
        return help;
    }
}
