using System.CommandLine;
using System.CommandLine.Completions;

namespace StreamRec.Completions;

/// <summary>What can follow a command, as a script holds it: commands and options cost no start.</summary>
/// <param name="Path">The commands so far, a blank before each; empty for none.</param>
/// <param name="About">What the command does.</param>
/// <param name="AsksArgument">Whether its argument is one of a few, which the program knows.</param>
internal sealed record CompletionWords(
    string Path,
    string About,
    IReadOnlyList<string> Commands,
    IReadOnlyList<CompletionOption> Options,
    bool AsksArgument
)
{
    public IEnumerable<string> All => Commands.Concat(Options.Select(option => option.Name));

    public static IEnumerable<CompletionWords> Of(Command command, string path = "")
    {
        var visible = command.Subcommands.Where(sub => !sub.Hidden).ToList();
        yield return new(
            path,
            command.Description ?? "",
            [.. visible.Select(sub => sub.Name)],
            [
                .. command
                    .Options.Where(option => !option.Hidden)
                    .Select(option => new CompletionOption(
                        option.Name,
                        FirstSentence(option.Description),
                        option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool),
                        option.ValueType != typeof(bool) && HasChoices(option)
                    )),
                .. command.Options.Any(option => option.Name == Help)
                    ? []
                    : (CompletionOption[])[new(Help, "", false, false)],
            ],
            command.Arguments.Any(HasChoices)
        );
        foreach (var sub in visible)
        {
            foreach (var words in Of(sub, $"{path} {sub.Name}"))
            {
                yield return words;
            }
        }
    }

    private const string Help = "--help";

    private static bool HasChoices(Symbol symbol) => symbol.GetCompletions(CompletionContext.Empty).Any();

    private static string FirstSentence(string? text) => (text ?? "").Split(". ")[0].Split(": ")[0].TrimEnd('.');
}

/// <param name="TakesValue">Whether something is to follow it.</param>
/// <param name="Asks">Whether that is one of a few, which the program knows.</param>
internal sealed record CompletionOption(string Name, string About, bool TakesValue, bool Asks);
