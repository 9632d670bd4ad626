using StackExchange.Redis;
using StreamRec.Commands;
using StreamRec.Embedded;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Commands;

/// <summary>What others read of the commands: pipes, files, log collectors.</summary>
public sealed class OutputTests : IDisposable
{
    private static readonly Dictionary<string, string> s_none = [];

    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-output-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_list_is_utf8_whatever_the_locale_and_a_reader_that_leaves_ends_the_watch()
    {
        using var store = EmbeddedStore.Start();
        using var redis = await ConnectionMultiplexer.ConnectAsync(store.Address);
        await redis.GetDatabase().StringSetAsync("streamrec:popular", List("Grün №1"));
        using var watch = StreamRecProcess.Start(
            null,
            new Dictionary<string, string> { ["LC_ALL"] = "en_US.ISO-8859-1" },
            "lookup",
            "u",
            "--redis",
            store.Address,
            "--watch",
            "--json"
        );

        var line = await watch.StandardOutput.ReadLineAsync();
        watch.StandardOutput.Close();
        await redis.GetDatabase().StringSetAsync("streamrec:popular", List("b"));
        var error = await watch.StandardError.ReadToEndAsync();
        await watch.WaitForExitAsync();

        Assert.Contains("Grün №1", line);
        Assert.Equal("", error);
        Assert.Equal(141, watch.ExitCode);
    }

    [Fact]
    public async Task A_full_disk_is_an_error()
    {
        using var help = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(
                "sh",
                ["-c", "dotnet \"$0\" help > /dev/full", Path.Combine(AppContext.BaseDirectory, "streamrec.dll")]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        var error = await help.StandardError.ReadToEndAsync();
        await help.WaitForExitAsync();

        Assert.Equal((int)ExitCode.Failure, help.ExitCode);
        Assert.StartsWith("streamrec: What is printed cannot be written", error);
        Assert.DoesNotContain("bug", error);
    }

    [Fact]
    public async Task A_table_that_is_piped_is_whole()
    {
        MeanBundle.Write(Path.Combine(_directory, "model"));
        var events = Path.Combine(_directory, "events.jsonl");
        await File.WriteAllLinesAsync(
            events,
            Enumerable
                .Range(0, 60)
                .Select(i =>
                    $$"""{"event_id":"{{i:D3}}","user_id":"u{{i % 10}}","item_id":"{{"abc"[i / 10 % 3]}}","""
                    + $$""" "type":"click","ts":{{1767225600000 + i}}}"""
                )
        );

        var (code, output, error) = await StreamRecProcess.RunAsync(
            _directory,
            new Dictionary<string, string> { ["GITHUB_ACTIONS"] = "true" },
            "evaluate",
            "--bundle",
            "model",
            "--events",
            events,
            "--split",
            "leave-one-out"
        );

        Assert.True(code == 0, error);
        Assert.Matches(@"popularity +│( \d\.\d{4} +│){4}", output);
        Assert.DoesNotContain('\e', output);
    }

    [Theory]
    [InlineData("train --events FIFO --bundle out", "INT")]
    [InlineData("evaluate --bundle model --events FIFO --split time", "TERM")]
    [InlineData("sweep --events FIFO --plan plan.json --output out", "HUP")]
    public async Task A_job_that_is_stopped_says_so(string line, string signal)
    {
        MeanBundle.Write(Path.Combine(_directory, "model"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "plan.json"), """{"try": {"dimension": [16]}}""");
        await RunAsync("mkfifo", Path.Combine(_directory, "events"));
        using var job = StreamRecProcess.Start(
            _directory,
            s_none,
            line.Replace("FIFO", "events", StringComparison.Ordinal).Split(' ')
        );
        // Opens only once the job reads.
        await using var events = await Task.Run(() =>
            new FileStream(Path.Combine(_directory, "events"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
        );

        await RunAsync("kill", $"-{signal}", $"{job.Id}");
        var error = await job.StandardError.ReadToEndAsync();
        await job.WaitForExitAsync();

        Assert.Equal((int)ExitCode.Interrupted, job.ExitCode);
        Assert.Contains("stopped before it was done", error);
        Assert.Equal(
            ["events", "model", "plan.json"],
            Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task A_job_under_nohup_goes_on_without_its_terminal()
    {
        await RunAsync("mkfifo", Path.Combine(_directory, "events"));
        // As nohup has it: what the shell ignores, the program that takes its place ignores too.
        using var job = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(
                "sh",
                [
                    "-c",
                    "trap '' HUP; exec dotnet \"$0\" import sequences events --output out",
                    Path.Combine(AppContext.BaseDirectory, "streamrec.dll"),
                ]
            )
            {
                WorkingDirectory = _directory,
                RedirectStandardError = true,
            }
        )!;
        await using (
            var events = await Task.Run(() =>
                new FileStream(Path.Combine(_directory, "events"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
            )
        )
        {
            await RunAsync("kill", "-HUP", $"{job.Id}");
            await events.WriteAsync("a b\n"u8.ToArray());
        }
        var error = await job.StandardError.ReadToEndAsync();
        await job.WaitForExitAsync();

        Assert.True(job.ExitCode == 0, error);
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(_directory, "out"))).Length);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static string List(string item) =>
        $$"""{"format":1,"kind":"popular","model":"m","items":["{{item}}"],"scores":"""
        + """[1.00000],"options":"o","written_at":1}""";
}
