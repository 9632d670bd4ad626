using StreamRec.Tests.Work;

namespace StreamRec.Tests.Commands;

/// <summary>What users do wrong: one message that names it, no stack trace, and the documented exit code.</summary>
public sealed class CommandErrorTests : IDisposable
{
    /// <summary>Nobody listens there.</summary>
    private const string Nobody = "127.0.0.1:1";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-errors-");

    public CommandErrorTests()
    {
        MeanBundle.Write(Path.Combine(_directory.FullName, "good"));
        MeanBundle.Write(Path.Combine(_directory.FullName, "broken"));
        File.WriteAllBytes(Path.Combine(_directory.FullName, "broken", "vectors.f32"), [1, 2, 3]);
        File.WriteAllText(Path.Combine(_directory.FullName, "table.csv"), "user,item\n1,2\n");
        File.WriteAllText(Path.Combine(_directory.FullName, "bad.jsonl"), "not json\n");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(ExitCode.Usage, "frobnicate", "frobnicate")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --list-size 5 --set ListSize=0", "ListSize is 0")]
    [InlineData(ExitCode.Usage, "demo --seconds 0", "--seconds is 0")]
    [InlineData(ExitCode.Usage, "demo --rate fast", "fast")]
    [InlineData(ExitCode.Usage, "train --bundle NEW", "--events")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --topic t --bundle NEW", "--topic")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle good", "good")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle bad.jsonl", "is a file")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle bad.jsonl/model", "cannot be written")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle NEW --checkpoint /nowhere/c",
        "--checkpoint '/nowhere/c' cannot be written")]
    [InlineData(ExitCode.Usage, "lookup u --prefix a:b --redis NOBODY", "a:b")]
    [InlineData(ExitCode.BadInput, "train --events nowhere.jsonl --bundle NEW", "nowhere.jsonl")]
    [InlineData(ExitCode.BadInput, "train --events bad.jsonl --bundle NEW", "0 events")]
    [InlineData(ExitCode.Unreachable, "train --topic t --bootstrap NOBODY --bundle NEW", Nobody)]
    [InlineData(ExitCode.Usage, "import parquet table.csv --output NEW", "parquet")]
    [InlineData(ExitCode.Usage, "import csv table.csv --output NEW --user user", "--item")]
    [InlineData(ExitCode.Usage, "import ml-1m table.csv --output NEW --user user", "--user")]
    [InlineData(ExitCode.BadInput, "import ml-1m table.csv --output NEW", "table.csv")]
    [InlineData(ExitCode.BadInput, "import ml-1m nowhere.dat --output NEW", "nowhere.dat")]
    [InlineData(ExitCode.Usage, "produce --events bad.jsonl --topic t --rate 0", "--rate")]
    [InlineData(ExitCode.Unreachable, "produce --events bad.jsonl --topic t --bootstrap NOBODY", Nobody)]
    [InlineData(ExitCode.Unreachable, "lookup u --redis NOBODY", Nobody)]
    [InlineData(ExitCode.Usage, "lookup u --set NoSuchSetting=1", "NoSuchSetting")]
    [InlineData(ExitCode.Usage, "work --topic t --group g", "--bundle")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --prefix a:b", "a:b")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --from yesterday", "yesterday")]
    [InlineData(ExitCode.Usage, "recover --topic t --group g --bootstrap NOBODY --from yesterday", "yesterday")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --list-size many", "many")]
    [InlineData(ExitCode.BadInput, "work --bundle nowhere --topic t --group g", "nowhere")]
    [InlineData(ExitCode.BadInput, "work --bundle broken --topic t --group g", "vectors.f32")]
    [InlineData(ExitCode.Unreachable, "work --bundle good --topic t --group g --bootstrap NOBODY --set StartTimeout=00:00:01", Nobody)]
    public async Task A_users_error_is_told_in_one_message(ExitCode code, string command, string named)
    {
        var arguments = command.Split(' ').Select(word => word switch
        {
            "NEW" => Path.Combine(_directory.FullName, "new"),
            "NOBODY" => Nobody,
            _ => Path.Exists(Path.Combine(_directory.FullName, word)) ? Path.Combine(_directory.FullName, word) : word,
        }).ToArray();

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(arguments);

        Assert.True((int)code == exitCode, $"exit code {exitCode}\n{error}\n{output}");
        var messages = error.Split('\n').Where(line => line.StartsWith("streamrec: ", StringComparison.Ordinal)).ToArray();
        Assert.True(messages.Length == 1, error);
        Assert.Contains(named, messages[0]);
        Assert.DoesNotContain("   at ", error + output);
        Assert.DoesNotContain("Exception", error + output);
    }
}
