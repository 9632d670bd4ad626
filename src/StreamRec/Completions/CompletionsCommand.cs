using System.CommandLine;

namespace StreamRec.Completions;

/// <summary>`streamrec completions`: what a shell needs to complete command lines.</summary>
internal static class CompletionsCommand
{
    /// <param name="root">Told only when it is asked for: this command is one of its own.</param>
    public static Command Create(Func<Command> root)
    {
        var shell = new Argument<string>("shell")
        {
            Description = "The shell: in bash, `source <(streamrec completions bash)`. docs/completions.md has each.",
        };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new Command("completions", "Print the script by which a shell completes command lines.")
        {
            shell,
        };
        command.SetAction(parsed => Console.Out.Write(CompletionScripts.Of(parsed.GetRequiredValue(shell), root())));
        return command;
    }
}
