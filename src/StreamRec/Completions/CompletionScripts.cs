using System.CommandLine;

namespace StreamRec.Completions;

/// <summary>
/// The scripts by which shells complete command lines: each holds the commands and options, and asks the program, which
/// takes a moment to start, for values alone.
/// </summary>
internal static class CompletionScripts
{
    private const string Bash = "bash",
        Zsh = "zsh",
        Fish = "fish",
        PowerShell = "pwsh";

    public static IReadOnlyList<string> Shells { get; } = [Bash, Zsh, Fish, PowerShell];

    public static string Of(string shell, Command root)
    {
        var words = CompletionWords.Of(root).ToList();
        return shell switch
        {
            Bash => OfBash(words),
            Zsh => OfZsh(words),
            Fish => OfFish(words),
            _ => OfPowerShell(words),
        };
    }

    private static string OfBash(List<CompletionWords> all) =>
        $$"""
            # Completions of streamrec for bash. In ~/.bashrc: source <(streamrec completions bash)
            _streamrec() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' words='' ask='' word
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "$at $word" in
                        {{Paths(all)}}) at="$at $word" ;;
                    esac
                done
            {{Cases(all, "words='", "'")}}
            {{Kinds(all, "words=''", "[[ $cur == -* ]] || ask=1")}}
                if [[ $ask ]]; then
                    words=$("$1" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
                fi
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -o default -F _streamrec streamrec

            """;

    private static string OfZsh(List<CompletionWords> all) =>
        $$"""
            #compdef streamrec
            # Completions of streamrec for zsh. In ~/.zshrc, behind compinit: source <(streamrec completions zsh)
            _streamrec() {
                local cur=${words[CURRENT]} prev=${words[CURRENT-1]} at='' ask='' word
                local -a found
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "$at $word" in
                        {{Paths(all)}}) at="$at $word" ;;
                    esac
                done
            {{Cases(all, "found=(", ")")}}
            {{Kinds(all, "found=()", "[[ $cur == -* ]] || ask=1")}}
                if [[ -n $ask ]]; then
                    found=(${(f)"$(${words[1]} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
                fi
                if (( $#found )); then compadd -- $found; else _files; fi
            }
            compdef _streamrec streamrec

            """;

    private static string OfFish(List<CompletionWords> all)
    {
        const string Ask = "(streamrec \"[suggest:\"(string length -- (commandline -cp))\"]\" (commandline -cp))";
        var lines = new List<string>
        {
            "# Completions of streamrec for fish: in ~/.config/fish/completions/streamrec.fish",
            "function __streamrec_at",
            "    set -l at ''",
            "    for word in (commandline -opc)[2..-1]",
            "        switch \"$at $word\"",
            $"            case {Paths(all, " ")}",
            "                set at \"$at $word\"",
            "        end",
            "    end",
            "    test \"$at\" = \"$argv[1]\"",
            "end",
        };
        foreach (var words in all)
        {
            var line = $"complete -c streamrec -n \"__streamrec_at '{words.Path}'\"";
            foreach (var command in words.Commands)
            {
                var about = all.First(other => other.Path == $"{words.Path} {command}").About;
                lines.Add($"{line} -f -a {command} -d {Quoted(about)}");
            }
            foreach (var option in words.Options)
            {
                var value =
                    option.Asks ? $" -x -a '{Ask}'"
                    : option.TakesValue ? " -r"
                    : "";
                lines.Add($"{line} -l {option.Name.TrimStart('-')}{value} -d {Quoted(option.About)}");
            }
            if (words.AsksArgument)
            {
                lines.Add($"{line} -a '{Ask}'");
            }
        }
        return string.Join('\n', lines) + "\n";
    }

    private static string OfPowerShell(List<CompletionWords> all) =>
        $$"""
            # Completions of streamrec for PowerShell. In $PROFILE:
            # streamrec completions pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName streamrec -ScriptBlock {
                param($current, $line, $cursor)
                $words = @{
                    {{string.Join(
            "\n        ",
            all.Select(words => $"'{words.Path}' = @({string.Join(", ", words.All.Select(word => $"'{word}'"))})")
        )}}
                }
                $ask = @({{string.Join(
            ", ",
            all.SelectMany(words =>
                words.Options.Where(option => option.Asks).Select(option => $"'{words.Path} {option.Name}'")
            )
        )}})
                $askArgument = @({{string.Join(
            ", ",
            all.Where(words => words.AsksArgument).Select(words => $"'{words.Path}'")
        )}})
                $at = ''
                $previous = ''
                foreach ($element in $line.CommandElements | Select-Object -Skip 1) {
                    if ($element.Extent.EndOffset -ge $cursor) { break }
                    $previous = $element.ToString()
                    if ($words.ContainsKey("$at $previous")) { $at = "$at $previous" }
                }
                $isArgument = $askArgument -contains $at -and -not $current.StartsWith('-')
                if ($isArgument -or $ask -contains "$at $previous") {
                    $found = streamrec "[suggest:$cursor]" $line.ToString()
                } else {
                    $found = $words[$at]
                }
                $found | Where-Object { $_ -like "$current*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }

            """;

    private static string Paths(IEnumerable<CompletionWords> all, string between = "|") =>
        string.Join(between, all.Where(words => words.Path.Length > 0).Select(words => $"'{words.Path}'"));

    private static string Cases(IEnumerable<CompletionWords> all, string begin, string end) =>
        "    case \"$at\" in\n"
        + string.Concat(all.Select(words => $"        '{words.Path}') {begin}{string.Join(' ', words.All)}{end} ;;\n"))
        + "    esac";

    /// <summary>After an option comes its value: asked for, or a file's name.</summary>
    private static string Kinds(List<CompletionWords> all, string noWords, string askUnlessOption)
    {
        string Of(Func<CompletionOption, bool> kind) =>
            string.Join(
                '|',
                all.SelectMany(words => words.Options.Where(kind).Select(option => $"'{words.Path} {option.Name}'"))
            );
        return $"""
                case "$at $prev" in
                    {Of(option => option.Asks)}) ask=1 ;;
                    {Of(option => option.TakesValue && !option.Asks)}) {noWords} ;;
                    *) case "$at" in {string.Join(
                '|',
                all.Where(w => w.AsksArgument).Select(w => $"'{w.Path}'")
            )}) {askUnlessOption} ;; esac ;;
                esac
            """;
    }

    private static string Quoted(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
