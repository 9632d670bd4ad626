using System.Text.RegularExpressions;
using System.Xml.Linq;
using StreamRec.Commands;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

/// <summary>What ships the worker names what it has: an engine would tell so late, on somebody's cluster.</summary>
public sealed partial class ShippingTests
{
    private static readonly string s_compose = File.ReadAllText(Path.Combine(ContractFiles.Root, "docker-compose.yml"));

    private static readonly string[] s_commands =
    [
        .. Command()
            .Matches(s_compose)
            .Select(match => string.Join(' ', Word().Matches(match.Groups[1].Value).Select(w => w.Groups[1].Value)))
            .Where(line => line.Split(' ')[0] is "demo" or "work"),
    ];

    public static TheoryData<string> Commands => [.. s_commands];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_command_of_the_compose_file_is_one(string line)
    {
        Assert.Empty(CommandTree.Create().Parse(line.Split(' ')).Errors.Select(error => error.Message));
    }

    [Fact]
    public void The_compose_file_runs_workers_and_what_they_need()
    {
        Assert.Equal(["demo", "demo", "work"], s_commands.Select(line => line.Split(' ')[0]).Order());
    }

    [Fact]
    public void Each_file_that_is_mounted_is_there()
    {
        var mounts = Mount().Matches(s_compose).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(mounts);
        Assert.All(mounts, path => Assert.True(Path.Exists(Path.Combine(ContractFiles.Root, path)), path));
    }

    [Fact]
    public void Each_setting_in_the_environment_is_one()
    {
        var known = File.ReadAllText(Path.Combine(ContractFiles.Root, "docs", "configuration.md"));
        var named = Directory
            .EnumerateFiles(Path.Combine(ContractFiles.Root, "docker"), "*.yaml", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .SelectMany(text => Setting().Matches(text).Select(match => match.Groups[1].Value))
            .Distinct()
            .ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains($"`{name}`", known, StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_restores_every_project_that_it_builds()
    {
        var image = File.ReadAllText(Path.Combine(ContractFiles.Root, "docker", "Dockerfile"));
        HashSet<string> projects = [];
        Follow("StreamRec", projects);

        Assert.Contains("StreamRec.Core", projects);
        Assert.All(
            projects,
            name => Assert.Contains($"COPY src/{name}/{name}.csproj", image, StringComparison.Ordinal)
        );
    }

    private static void Follow(string project, HashSet<string> found)
    {
        // The image has no servers in its process.
        if (project == "StreamRec.Embedded" || !found.Add(project))
        {
            return;
        }
        var file = XDocument.Load(Path.Combine(ContractFiles.Root, "src", project, $"{project}.csproj"));
        foreach (var reference in file.Descendants("ProjectReference"))
        {
            Follow(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value), found);
        }
    }

    [GeneratedRegex(@"^    command: \[([^\]]*)\]", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Word();

    [GeneratedRegex(@"- (\./[^:\s]+):")]
    private static partial Regex Mount();

    [GeneratedRegex(@"^\s+(?:- name: )?(STREAMREC__[A-Z_]+)(?:$|:)", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
