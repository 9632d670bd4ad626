using System.Text.Json;
using StreamRec.Bench;
using StreamRec.Testing.Servers;

namespace StreamRec.Tests.Bench;

/// <summary>`bench --peer`, as far as it needs no servers.</summary>
public class PeerTests
{
    private static readonly string[] s_peerFigures =
    [
        "peer_events_per_s",
        "peer_events_per_cpu_s",
        "peer_lists_wrong",
        "times_peer",
    ];

    private static readonly BenchReport s_report = new()
    {
        Cpu = "any",
        Items = 1,
        Dimension = 1,
        Window = 1,
        Users = 1,
        Partitions = 1,
        Processes = 1,
        Events = 1,
        EventsPerSecond = 15_000,
        EventsPerCpuSecond = 24_000,
        CpuSeconds = 1,
    };

    [Theory]
    [InlineData("worker", "worker")]
    [InlineData("python3 worker.py", "python3", "worker.py")]
    [InlineData("  python3\tworker.py  --threads 2 ", "python3", "worker.py", "--threads", "2")]
    public void A_command_is_split_on_blanks(string command, string file, params string[] arguments)
    {
        var split = PeerRun.Split(command);

        Assert.Equal(file, split.File);
        Assert.Equal(arguments, split.Arguments);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    public void A_blank_command_is_refused(string command)
    {
        var fault = Assert.Throws<StreamRecException>(() => new BenchOptions { Peer = command }.Validate());

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("--peer", fault.Message);
    }

    [Fact]
    public void A_report_without_a_peer_does_not_name_one()
    {
        var names = JsonSerializer.SerializeToElement(s_report).EnumerateObject().Select(figure => figure.Name);

        Assert.DoesNotContain(names, name => s_peerFigures.Contains(name));
    }

    [Fact]
    public void A_report_with_a_peer_says_how_many_times_its_rate_ours_is()
    {
        var report = s_report with { PeerEventsPerSecond = 4_214, PeerEventsPerCpuSecond = 2_450, PeerWrong = 0 };

        var json = JsonSerializer.SerializeToElement(report);

        Assert.Equal([4_214, 2_450, 0, 9.8], s_peerFigures.Select(name => json.GetProperty(name).GetDouble()));
    }

    [Fact]
    public void A_peer_that_commits_too_rarely_is_told()
    {
        Assert.Equal(new PeerFigures(50, 100), PeerFigures.Of(100, 2, 1));
        Assert.Contains(
            "commits too rarely",
            Assert.Throws<StreamRecException>(() => PeerFigures.Of(0, .01, 0)).Message
        );
    }

    [Fact]
    public async Task A_process_that_ended_by_itself_is_told_with_its_last_words()
    {
        using var process = ChildProcess.Start("sh", ["-c", "echo begun; echo no library >&2; exit 3"]);
        await Wait.UntilAsync(
            "it has ended, and both lines are there",
            () => process.HasExited && process.Lines.Count == 2,
            TimeSpan.FromMinutes(1)
        );

        var fault = Assert.Throws<StreamRecException>(() => process.ThrowIfEnded("The peer"));

        Assert.Equal(FaultKind.Failure, fault.Kind);
        Assert.StartsWith("The peer ended with exit code 3: ", fault.Message);
        Assert.Contains("begun", fault.Message);
        Assert.Contains("no library", fault.Message);
    }
}
