using Confluent.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Embedded;
using StreamRec.Kafka;
using StreamRec.Kafka.Consuming;
using StreamRec.Kafka.Topics;
using StreamRec.Telemetry.Batches;
using StreamRec.Tests.Delivery;

namespace StreamRec.Tests.Kafka;

/// <summary>
/// The consumer between a real client, on the embedded broker, and partitions whose store is scripted.
/// </summary>
public sealed class ConsumerLoopTests : IAsyncDisposable
{
    private const string Topic = "clicks",
        Group = "g";

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly TopicInspector _inspector;
    private readonly IProducer<Null, string> _producer;
    private readonly TopicFacts _topic;
    private readonly ScriptedPorts[] _ports;
    private readonly CancellationTokenSource _leave = new();
    private readonly CancellationTokenSource _stop = new();
    private LogControl? _control;
    private ConsumerLoop? _loop;
    private PartitionWorker[] _workers = [];
    private Task[] _lives = [];
    private Task<bool> _consuming = Task.FromResult(true);

    public ConsumerLoopTests()
    {
        _inspector = new TopicInspector(new KafkaSettings(_broker.Address));
        _topic = _inspector
            .DescribeAsync(Topic, Confluent.Kafka.Admin.AclOperation.Read, identify: false)
            .GetAwaiter()
            .GetResult();
        _ports = [.. Enumerable.Range(0, _topic.Partitions).Select(_ => new ScriptedPorts())];
        _producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = _broker.Address, LingerMs = 0 }
        ).Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _leave.CancelAsync();
        await _consuming;
        await _stop.CancelAsync();
        await Task.WhenAll(_lives);
        _producer.Dispose();
        _inspector.Dispose();
        _broker.Dispose();
        _leave.Dispose();
        _stop.Dispose();
    }

    /// <summary>While one partition cannot go on, its records do not fill the memory; the others' come.</summary>
    [Fact]
    public async Task A_partition_that_has_enough_is_paused_and_the_others_go_on()
    {
        const int many = 1_500;
        var free = new TaskCompletionSource();
        _ports[0].Compute = () =>
        {
            _ports[0].Tell("compute");
            free.Task.Wait();
        };
        for (var i = 0; i < many; i++)
        {
            _producer.Produce(new TopicPartition(Topic, 0), new Message<Null, string> { Value = "v" });
        }
        _producer.Flush();
        Start(new PartitionWorkerOptions { BatchRecords = 50, PendingRecords = 10 });
        await SeenAsync(0, "compute");
        for (var i = 0; i < 20; i++)
        {
            // Behind all that the client has fetched of the other partition.
            await ProduceAsync(1);
            await SeenAsync(1, $"done {i + 1}");
        }
        var waiting = _workers[0].Pending;

        Assert.InRange(waiting, 10, 100);
        free.SetResult();
        await SeenAsync(0, $"done {many}");
    }

    [Fact]
    public async Task The_epoch_of_a_record_goes_with_it_into_the_store()
    {
        await ProduceAsync(0);
        Start();
        await SeenAsync(0, "done 1");

        var step = Assert.Single(_ports[0].Told, what => what.StartsWith("step to 1 epoch ", StringComparison.Ordinal));
        Assert.DoesNotContain("-1", step);
    }

    /// <summary>
    /// The log was cut below the position, and may have grown beyond it again: no record of it has the position's
    /// epoch, or the last one that has is below the position. The client is told by the broker, which it asks.
    /// </summary>
    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    [InlineData(3, 0)]
    public async Task A_position_that_the_log_does_not_hold_any_more_is_a_fork(long next, int epoch)
    {
        await ProduceAsync(0);
        await ProduceAsync(0);
        Claimed(next, epoch);
        Start();

        await SeenAsync(0, $"halted {HaltReason.Fork}");
    }

    /// <summary>Behind a hole the epoch is not known, and the broker cannot be asked.</summary>
    [Fact]
    public async Task A_position_without_an_epoch_is_taken_as_it_is()
    {
        await ProduceAsync(0);
        await ProduceAsync(0);
        Claimed(1, -1);
        Start();

        await SeenAsync(0, "done 2");

        Assert.DoesNotContain("LogForked", _ports[0].Told);
    }

    /// <summary>Retention took all that was worked, and more or nothing else: that is no fork.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_position_at_the_logs_start_or_below_it_is_no_fork(int lost)
    {
        var value = new string('v', 512 << 10);
        for (var i = 0; i < 20; i++)
        {
            await _producer.ProduceAsync(new TopicPartition(Topic, 0), new Message<Null, string> { Value = value });
        }
        var start = new LogProbe(new KafkaSettings(_broker.Address), Group).Bounds(new TopicPartition(Topic, 0)).Low;
        Assert.True(start > lost);
        Claimed(start - lost, 0);
        Start();

        await SeenAsync(0, lost > 0 ? $"halted {HaltReason.Retention}" : "done 20");

        Assert.DoesNotContain("LogForked", _ports[0].Told);
    }

    /// <summary>What is fetched begins at the position itself, without a gap and without a record twice.</summary>
    [Fact]
    public async Task Work_begins_at_exactly_the_position()
    {
        for (var i = 0; i < 3; i++)
        {
            await ProduceAsync(0);
        }
        Claimed(2, 0);
        Start();

        await SeenAsync(0, "done 3");

        var counters = _workers[0].Counters;
        Assert.Equal((1, 0, 0), (counters.Records, counters.GapOffsets, counters.LostOffsets));
    }

    [Fact]
    public async Task A_position_behind_the_end_of_the_log_is_a_fork()
    {
        await ProduceAsync(0);
        Claimed(1_000, -1);
        Start();

        await SeenAsync(0, $"halted {HaltReason.Fork}");
    }

    [Fact]
    public async Task Those_who_leave_the_group_wait_for_the_batch_in_flight()
    {
        var (begun, free) = (new TaskCompletionSource(), new TaskCompletionSource());
        _ports[0].Step = async _ =>
        {
            begun.TrySetResult();
            await free.Task;
            return new StepAnswer.Applied();
        };
        await ProduceAsync(0);
        Start();
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1));

        await _leave.CancelAsync();
        await _ports[0].SeenAsync("Revoked");
        await _ports[0].TurnAsync(_workers[0]);
        Assert.False(_consuming.IsCompleted);
        free.SetResult();

        Assert.True(await _consuming);
        Assert.Equal(
            1,
            new LogProbe(new KafkaSettings(_broker.Address), Group).Committed(new TopicPartition(Topic, 0))
        );
    }

    [Fact]
    public async Task A_partition_that_the_client_lost_is_let_go()
    {
        Start();
        await SeenAsync(0, "ClaimGranted");

        _loop!.OnLost(null!, [new TopicPartitionOffset(Topic, 0, Offset.Unset)]);
        await SeenAsync(0, "Lost");

        Assert.Equal(PartitionPhase.Released, _workers[0].Phase);
        Assert.False(_control!.IsAssigned(_workers[0].Partition));
    }

    /// <summary>Where partition 0 is said to go on.</summary>
    private void Claimed(long next, int epoch) =>
        _ports[0].Claim = (_, id) => new ClaimAnswer.Granted(new Claim(1, id), new LogPosition(next, epoch), 0);

    private void Start(PartitionWorkerOptions? options = null)
    {
        var settings = new KafkaSettings(_broker.Address);
        _control = new LogControl(settings, _topic, new GroupSettings(Group), default, _inspector);
        _workers =
        [
            .. Enumerable
                .Range(0, _topic.Partitions)
                .Select(p =>
                    _ports[p]
                        .Open(
                            new PartitionIdentity(Topic, p, _topic.Uuid, _topic.Partitions, Group),
                            options,
                            new Both(_control, _ports[p])
                        )
                ),
        ];
        _loop = new ConsumerLoop(settings, _control, _workers, new RecordContexts(() => false), TimeProvider.System);
        _lives = Array.ConvertAll(_workers, worker => worker.RunAsync(_stop.Token));
        _consuming = Task.Factory.StartNew(
            () => _loop.Run(_leave.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>Waits for something to happen to a partition, and fails with the consumer where that failed.</summary>
    private async Task SeenAsync(int partition, string what) =>
        await await Task.WhenAny(_ports[partition].SeenAsync(what), _consuming);

    private Task ProduceAsync(int partition) =>
        _producer.ProduceAsync(new TopicPartition(Topic, partition), new Message<Null, string> { Value = "v" });

    /// <summary>The real consumer, and a note of what it is told to be done.</summary>
    private sealed class Both(ILogControl log, ScriptedPorts ports) : ILogControl
    {
        public void Seek(PartitionIdentity partition, LogPosition start, int session) =>
            log.Seek(partition, start, session);

        public void StoreOffset(PartitionIdentity partition, LogPosition to)
        {
            log.StoreOffset(partition, to);
            ports.Tell($"done {to.Offset}");
        }

        public bool IsAssigned(PartitionIdentity partition) => log.IsAssigned(partition);

        public Task<GapAnswer> CheckGapAsync(
            PartitionIdentity partition,
            LogPosition from,
            long to,
            CancellationToken cancel
        ) => log.CheckGapAsync(partition, from, to, cancel);

        public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
            log.FirstStartAsync(partition, cancel);
    }
}
