using System.Diagnostics;
using StreamRec.Commands;
using StreamRec.Completions;

namespace StreamRec.Tests.Completions;

public sealed class CompletionTests
{
    private static readonly string s_bash = CompletionScripts.Of("bash", CommandTree.Create());

    /// <summary>Commands and options from the script alone: there is no program to ask.</summary>
    [BashTheory]
    [InlineData("streamrec wo", "work")]
    [InlineData("streamrec dead-letters re", "replay")]
    [InlineData("streamrec work --group-p", "--group-protocol")]
    [InlineData("streamrec dead-letters replay --dry", "--dry-run")]
    [InlineData("streamrec lookup u1 --wa", "--watch")]
    [InlineData("streamrec work --bundle ", "")]
    public async Task Bash_completes_commands_and_options_by_itself(string line, string found) =>
        Assert.Equal(found, await CompletedAsync("streamrec() { echo asked; }", line));

    [BashTheory]
    [InlineData("streamrec work --group-protocol con", "consumer")]
    [InlineData("streamrec work --strays ", "dead-letter re-route")]
    [InlineData("streamrec import ml-", "ml-100k ml-1m")]
    public async Task Bash_asks_the_program_for_values(string line, string found) =>
        Assert.Equal(
            found,
            await CompletedAsync(
                $"streamrec() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "streamrec.dll")}' \"$@\"; }}",
                line
            )
        );

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Every_script_holds_every_command_and_option(string shell)
    {
        var script = CompletionScripts.Of(shell, CommandTree.Create());

        foreach (var words in CompletionWords.Of(CommandTree.Create()))
        {
            Assert.All(words.Commands, command => Assert.Contains(command, script));
            Assert.All(words.Options, option => Assert.Contains(option.Name.TrimStart('-'), script));
        }
        Assert.Contains("[suggest:", script);
    }

    private static async Task<string> CompletedAsync(string program, string line)
    {
        var script = $$"""
            {{program}}
            {{s_bash}}
            complete -p streamrec > /dev/null || exit 1
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<< "$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _streamrec streamrec
            echo "${COMPREPLY[*]}"
            """;
        using var bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", script, "bash", line]) { RedirectStandardOutput = true }
        )!;
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(0, bash.ExitCode);
        return output.TrimEnd('\n');
    }
}

/// <summary>Where there is no bash it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BashTheoryAttribute : TheoryAttribute
{
    public BashTheoryAttribute() => Skip = File.Exists("/bin/bash") ? null : "Skipped: there is no bash.";
}
