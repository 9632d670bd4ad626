using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Delivery;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Telemetry;

public sealed class WaitReportTests
{
    private readonly HandClock _clock = new();
    private readonly KeptLog _log = new();
    private readonly Dictionary<int, PartitionWait> _partitions = [];
    private readonly WaitReport _report;
    private PartitionWait? _group;

    public WaitReportTests() => _report = new WaitReport("clicks.dead-letters", _clock, _log);

    [Fact]
    public void A_state_is_told_at_first_then_each_minute_and_when_it_is_over()
    {
        _partitions[3] = new(
            WaitReason.KafkaUnreachable,
            "broker b:1/1 is not connected (DOWN)",
            TimeSpan.FromSeconds(6)
        );
        for (var second = 0; second < 100; second++)
        {
            Look();
            _clock.Advance(1);
        }
        _partitions.Clear();
        Look();
        Look();

        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Information], _log.Lines.Select(line => line.Level));
        Assert.Equal(
            "Partition 3 waits for 6 s (kafka_unreachable): broker b:1/1 is not connected (DOWN).",
            _log.Lines[0].Text
        );
        Assert.Equal("Nothing waits any more for kafka_unreachable, after 100 s.", _log.Lines[2].Text);
    }

    [Fact]
    public void What_takes_no_longer_than_usual_is_not_told()
    {
        var usual = new PartitionWait(WaitReason.KafkaRefuses, null, TimeSpan.FromSeconds(4));

        Assert.Empty(new WaitBoard([], () => usual, _ => null).Look());
    }

    /// <summary>
    /// The client learns of too few replicas after half a minute: then it is told, not only a minute later.
    /// </summary>
    [Fact]
    public void A_reason_that_becomes_known_is_told_at_once()
    {
        _partitions[0] = new(WaitReason.DeadLetters, null, TimeSpan.FromSeconds(6));
        Look();
        Look();
        _partitions[0] = new(WaitReason.DeadLetters, "Local: Message timed out", TimeSpan.FromSeconds(31));
        Look();
        Look();

        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("min.insync.replicas", _log.Lines[0].Text);
        Assert.Contains("'clicks.dead-letters'", _log.Lines[1].Text);
        Assert.Contains("Message timed out", _log.Lines[1].Text);
    }

    [Fact]
    public void Partitions_that_wait_for_the_same_share_a_line_and_the_group_has_its_own()
    {
        for (var p = 0; p < 12; p++)
        {
            _partitions[p] = new(WaitReason.StoreRefuses, "Redis refuses: NOREPLICAS", TimeSpan.FromSeconds(5 + p));
        }
        _group = new(WaitReason.KafkaRefuses, "Inconsistent group protocol", TimeSpan.FromSeconds(8));
        Look();

        Assert.Equal(2, _log.Lines.Count);
        Assert.StartsWith("The worker waits for 8 s (kafka_refuses): Inconsistent group protocol", _log.Lines[0].Text);
        Assert.StartsWith(
            "12 partitions (0, 1, 2, 3, 4, 5, 6, 7, …) wait for 16 s (store_refuses): Redis refuses: NOREPLICAS",
            _log.Lines[1].Text
        );
    }

    [Fact]
    public void A_worker_without_the_promoted_model_is_told_how_to_get_it()
    {
        _partitions[0] = new(WaitReason.Model, "it is promotion 5 that makes its lists", TimeSpan.FromSeconds(6));
        Look();

        var line = Assert.Single(_log.Lines).Text;
        Assert.Contains("promotion 5", line);
        Assert.Contains("--registry", line);
        Assert.Contains("streamrec models promote", line);
    }

    /// <summary>A claim that is tried again and again, say, of a partition whose broker is away all the time.</summary>
    [Fact]
    public async Task What_has_just_begun_does_not_hide_what_a_partition_waits_for()
    {
        var ports = new ScriptedPorts { Claim = (_, _) => throw new IOException("no answer") };
        var worker = new PartitionWorker(
            new PartitionIdentity("clicks", 0, "uuid", 1, "g"),
            new PartitionPorts(ports, ports, ports, ports, _clock, new Random(1)),
            new PartitionWorkerOptions()
        )
        {
            Observer = (input, _) => ports.Tell($"{input.Kind}"),
        };
        using var stop = new CancellationTokenSource();
        var life = worker.RunAsync(stop.Token);
        worker.Assign();
        await ports.SeenAsync("ClaimFailed");
        var lasting = new PartitionWait(WaitReason.KafkaUnreachable, "broker b:1/1", TimeSpan.FromSeconds(6));

        var board = new WaitBoard([worker], () => null, _ => lasting);

        Assert.Equal(WaitReason.StoreUnanswered, worker.Waiting!.Value.Reason);
        Assert.Equal([new Waiting(0, lasting)], board.Look());
        await stop.CancelAsync();
        await life;
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own_and_its_place_on_the_page()
    {
        var page = WorkMetricsTests.Page();
        var codes = Enum.GetValues<WaitReason>().Select(reason => reason.Code()).ToArray();

        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Contains($"| `{code}` |", page));
    }

    private void Look() =>
        _report.See(
            new WorkerStatus
            {
                At = _clock.GetUtcNow(),
                Waiting =
                [
                    .. _group is { } group ? [new Waiting(null, group)] : Array.Empty<Waiting>(),
                    .. _partitions.Select(wait => new Waiting(wait.Key, wait.Value)),
                ],
            }
        );
}
