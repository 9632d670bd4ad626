using System.Text.RegularExpressions;
using StreamRec.Commands;
using StreamRec.Tests.Commands;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

/// <summary>README.md and docs/demo.md name what the program has.</summary>
public partial class ReadmeTests
{
    private static readonly string s_readme = File.ReadAllText(Path.Combine(ContractFiles.Root, "README.md"));

    public static TheoryData<string> Commands =>
        [.. CommandLine().Matches(s_readme).Select(match => match.Groups[1].Value).Distinct()];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_has_the_options_that_the_readme_gives_it(string command)
    {
        var named = CommandLine()
            .Matches(s_readme)
            .Where(match => match.Groups[1].Value == command)
            .SelectMany(match => Name().Matches(match.Groups[2].Value))
            .Select(match => match.Value)
            .ToHashSet();

        var (exitCode, output, error) = await StreamRecProcess.RunAsync([.. command.Split(' '), "--help"]);

        Assert.True(exitCode == 0, error);
        foreach (var option in named)
        {
            Assert.Matches($@"{option}\b", output);
        }
    }

    [Fact]
    public void The_exit_codes_are_those_of_the_program()
    {
        var rows = Row()
            .Matches(s_readme)
            .Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(Enum.GetValues<ExitCode>().Select(code => (int)code), rows);
    }

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var links = Link()
            .Matches(s_readme)
            .Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal));

        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(ContractFiles.Root, link)), link));
    }

    /// <summary>A command of ours in a code block: its name and the rest of the line.</summary>
    [GeneratedRegex(
        "^    (?:streamrec|dotnet run -c Release --project src/StreamRec --) "
            + @"([a-z][a-z-]*(?: list| show| replay)?)([^\n#]*)",
        RegexOptions.Multiline
    )]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"--[a-z][a-z-]*")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();
}
