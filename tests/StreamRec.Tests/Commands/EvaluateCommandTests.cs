using System.Text.Json;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Commands;

/// <summary>`streamrec evaluate` as it is typed.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-evaluate-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>
    /// The bundle says nothing of seen items, so lists leave them out, as the worker's do; and it has no counts.
    /// </summary>
    [Theory]
    [InlineData("", true, 0.5)]
    [InlineData("--filter-seen", true, 0.5)]
    [InlineData("--filter-seen false", false, 1)]
    public async Task Judges_the_lists_that_the_worker_would_write(string option, bool excludeSeen, double hitRate)
    {
        string bundle = MeanBundle.Write(Path.Combine(_directory.FullName, "bundle"));
        string questions = Path.Combine(_directory.FullName, "questions.txt");
        await File.WriteAllTextAsync(questions, "a b\tc\na b\ta\n");

        var (exitCode, output, error) = await StreamRecProcess.RunAsync([
            "evaluate",
            "--bundle",
            bundle,
            "--prefixes",
            questions,
            "--json",
            .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ]);

        Assert.True(exitCode == 0, error);
        Assert.True(ContractFiles.IsValid("cli/evaluate.schema.json", output), output);
        using var json = JsonDocument.Parse(output);
        var protocol = json.RootElement.GetProperty("protocol");
        Assert.Equal(hitRate, json.RootElement.GetProperty("model").GetProperty("hr@10").GetDouble());
        Assert.Equal(excludeSeen, protocol.GetProperty("exclude_seen").GetBoolean());
        Assert.Equal(excludeSeen ? 1 : 0, protocol.GetProperty("excluded_targets").GetInt32());
        Assert.Equal(
            (99, "rerun"),
            (protocol.GetProperty("kept").GetInt32(), protocol.GetProperty("encoded_by").GetString())
        );
        Assert.False(json.RootElement.TryGetProperty("popularity", out _));
        Assert.Equal(
            excludeSeen,
            error.Contains("1 of 2 targets stand in the user's last 99 events", StringComparison.Ordinal)
        );
    }
}
