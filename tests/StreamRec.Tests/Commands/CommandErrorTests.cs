using StreamRec.Commands;
using StreamRec.Tests.Hosting;

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
        File.WriteAllText(
            Path.Combine(_directory.FullName, "view.jsonl"),
            "{\"event_id\":\"1\",\"user_id\":\"u\",\"item_id\":\"a\",\"type\":\"view\",\"ts\":1767225600250}\n"
        );
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(ExitCode.Usage, "frobnicate", "frobnicate")]
    [InlineData(
        ExitCode.Usage,
        "work --bundle good --topic t --group g --list-size 5 --set ListSize=0",
        "ListSize is 0"
    )]
    [InlineData(ExitCode.Usage, "demo --seconds 0", "--seconds is 0")]
    [InlineData(ExitCode.Usage, "demo --rate fast", "fast")]
    [InlineData(ExitCode.Usage, "train --bundle NEW", "--events")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --topic t --bundle NEW", "--topic")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle good", "good")]
    [InlineData(
        ExitCode.Usage,
        "train --events nowhere.jsonl --bundle NEW --dimension 1000000000",
        "dimension is 1000000000"
    )]
    [InlineData(ExitCode.Usage, "train --events nowhere.jsonl --bundle NEW --window -3", "window is -3")]
    [InlineData(
        ExitCode.Usage,
        "train --events nowhere.jsonl --bundle NEW --validation-users -1",
        "validation_users is -1"
    )]
    [InlineData(ExitCode.Usage, "train --events nowhere.jsonl --bundle table.csv", "table.csv")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle bad.jsonl", "is a file")]
    [InlineData(ExitCode.Usage, "train --events bad.jsonl --bundle bad.jsonl/model", "cannot be written")]
    [InlineData(
        ExitCode.Usage,
        "train --events bad.jsonl --bundle NEW --checkpoint /nowhere/c",
        "--checkpoint '/nowhere/c' cannot be written"
    )]
    [InlineData(ExitCode.Usage, "lookup u --prefix a:b --redis NOBODY", "a:b")]
    [InlineData(ExitCode.BadInput, "train --events nowhere.jsonl --bundle NEW", "nowhere.jsonl")]
    [InlineData(ExitCode.BadInput, "train --events bad.jsonl --bundle NEW", "holds no event")]
    [InlineData(ExitCode.BadInput, "train --events table.csv --bundle NEW", "streamrec import")]
    [InlineData(ExitCode.Unreachable, "train --topic t --bootstrap NOBODY --bundle NEW", Nobody)]
    [InlineData(
        ExitCode.BadInput,
        "train --events view.jsonl --types cart,like --bundle NEW",
        "of the types cart, like; there are view"
    )]
    [InlineData(ExitCode.Usage, "evaluate --bundle good --prefixes table.csv --kept 98", "--kept is 98")]
    [InlineData(
        ExitCode.BadInput,
        "evaluate --bundle good --events view.jsonl --split leave-one-out",
        "no case to judge"
    )]
    [InlineData(ExitCode.Usage, "import parquet table.csv --output NEW", "parquet")]
    [InlineData(ExitCode.Usage, "import csv table.csv --output NEW --user user", "--item")]
    [InlineData(ExitCode.Usage, "import ml-1m table.csv --output NEW --user user", "--user")]
    [InlineData(ExitCode.Usage, "import csv table.csv --output table.csv --user user --item item", "file that is read")]
    [InlineData(ExitCode.Usage, "import csv table.csv --output NEW --user user --item item --zone UTC", "--time")]
    [InlineData(ExitCode.Usage, "import csv table.csv --output NEW --user user --item item --start soon", "soon")]
    [InlineData(ExitCode.BadInput, "import ml-1m table.csv --output NEW", "table.csv")]
    [InlineData(ExitCode.BadInput, "import ml-1m nowhere.dat --output NEW", "nowhere.dat")]
    [InlineData(ExitCode.Usage, "produce --events bad.jsonl --topic t --rate 0", "--rate")]
    [InlineData(ExitCode.Unreachable, "produce --events bad.jsonl --topic t --bootstrap NOBODY", Nobody)]
    [InlineData(ExitCode.Unreachable, "lookup u --redis NOBODY", Nobody)]
    [InlineData(ExitCode.Unreachable, "lookup u --redis redis://:secret@NOBODY", Nobody)]
    [InlineData(ExitCode.Usage, "lookup u --set RedisPassword = secret", "NAME=VALUE")]
    [InlineData(ExitCode.Usage, "lookup u --set RedisPassword secret", "NAME=VALUE")]
    [InlineData(ExitCode.Usage, "lookup u --prefix a:b", "a:b")]
    [InlineData(ExitCode.Usage, "recover --topic t --group g --prefix a:b", "a:b")]
    [InlineData(ExitCode.Usage, "produce --events bad.jsonl --topic t --partitioner fnv", "fnv")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --set Kafka:acks=1", "Kafka:acks")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --set Kafka:linger.ms=60000", "linger.ms")]
    [InlineData(ExitCode.Usage, "lookup u --set NoSuchSetting=1", "NoSuchSetting")]
    [InlineData(ExitCode.Usage, "work --topic t --group g", "--bundle")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --prefix a:b", "a:b")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --from yesterday", "yesterday")]
    [InlineData(ExitCode.Usage, "recover --topic t --group g --bootstrap NOBODY --from yesterday", "yesterday")]
    [InlineData(ExitCode.Usage, "work --bundle good --topic t --group g --list-size many", "many")]
    [InlineData(ExitCode.BadInput, "work --bundle nowhere --topic t --group g", "nowhere")]
    [InlineData(ExitCode.BadInput, "work --bundle broken --topic t --group g", "vectors.f32")]
    [InlineData(
        ExitCode.Unreachable,
        "work --bundle good --topic t --group g --bootstrap NOBODY --set StartTimeout=00:00:01",
        Nobody
    )]
    public async Task A_users_error_is_told_in_one_message(ExitCode code, string command, string named)
    {
        var arguments = command
            .Split(' ')
            .Select(word =>
                word switch
                {
                    "NEW" => Path.Combine(_directory.FullName, "new"),
                    _ when word.Contains("NOBODY") => word.Replace("NOBODY", Nobody, StringComparison.Ordinal),
                    _ when Path.Exists(Path.Combine(_directory.FullName, word.Split('/')[0])) => Path.Combine(
                        _directory.FullName,
                        word
                    ),
                    _ => word,
                }
            )
            .ToArray();

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(arguments);

        Assert.True((int)code == exitCode, $"exit code {exitCode}\n{error}\n{output}");
        var messages = error
            .Split('\n')
            .Where(line => line.StartsWith("streamrec: ", StringComparison.Ordinal))
            .ToArray();
        Assert.True(messages.Length == 1, error);
        Assert.Contains(named, messages[0]);
        Assert.DoesNotContain("   at ", error + output);
        Assert.DoesNotContain("Exception", error + output);
        Assert.DoesNotContain("secret", error + output);
    }
}
