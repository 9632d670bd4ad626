using Confluent.Kafka;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Kafka.Consuming;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Kafka;

/// <summary>What is not known of a lag is not shown as 0.</summary>
public sealed class LagWatchTests
{
    private readonly HandClock _clock = new();
    private readonly ConsumerHealth _health;
    private readonly Scene _scene = new();
    private bool _assigned = true;
    private long _fetched = 100;
    private long? _asked = 150;

    public LagWatchTests() => _health = new ConsumerHealth(new GroupSettings("g"), 1, _clock);

    [Fact]
    public async Task Of_a_partition_that_is_fetched_it_is_what_was_fetched()
    {
        await _scene.WorkAsync();
        var lags = Watch();

        Assert.Equal(40, lags.LagOf(0));
        _fetched = -1001;
        Assert.Null(lags.LagOf(0));
        _assigned = false;
        Assert.Null(lags.LagOf(0));
    }

    [Fact]
    public async Task Of_a_partition_whose_broker_is_away_it_is_not_known()
    {
        await _scene.WorkAsync();
        var lags = Watch();

        _health.Take(
            """{"brokers":{"b":{"name":"b","nodeid":1,"state":"DOWN","waitresp_cnt":0,"rxidle":1}},"topics":"""
                + """{"t":{"partitions":{"0":{"partition":0,"leader":1}}}}}"""
        );

        Assert.Null(lags.LagOf(0));
    }

    /// <summary>
    /// While Redis refuses claims nothing is fetched, so what was fetched says "nothing waits" for ever.
    /// </summary>
    [Fact]
    public async Task Of_a_partition_that_waits_for_its_claim_the_broker_is_asked()
    {
        await _scene.WorkAsync();
        await _scene.RefuseAsync();
        _fetched = 60;
        var lags = Watch();
        Assert.Null(lags.LagOf(0));

        Assert.Equal(1, lags.Ask([0]));
        Assert.Equal(90, lags.LagOf(0));

        _clock.Advance(11);
        _asked = null;
        Assert.Equal(0, lags.Ask([0]));
        Assert.Null(lags.LagOf(0));

        // What waited when it was last fetched still does.
        _fetched = 70;
        Assert.Equal(10, lags.LagOf(0));
    }

    private LagWatch Watch() => new([_scene.Worker], _health, _ => _assigned, _ => _fetched, Ends, _clock);

    private IEnumerable<(int Partition, long End)> Ends(IReadOnlyList<int> partitions) =>
        partitions.Select(p => (p, _asked ?? throw new KafkaException(ErrorCode.Local_TimedOut)));

    /// <summary>A worker at offset 60, whose store refuses from some moment on.</summary>
    private sealed class Scene : IStateStore, ILogControl, IBatchProcessor
    {
        private readonly TaskCompletionSource _sought = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _refuses;

        public Scene() =>
            Worker = new PartitionWorker(
                new PartitionIdentity("clicks", 0, "uuid", 1, "g"),
                new PartitionPorts(this, this, this, null!, TimeProvider.System, new Random(1)),
                new PartitionWorkerOptions
                {
                    RetryDelay = TimeSpan.FromMilliseconds(1),
                    Policy = new() { Retries = 0 },
                }
            );

        public PartitionWorker Worker { get; }

        public Task WorkAsync()
        {
            _ = Worker.RunAsync(CancellationToken.None);
            Worker.Assign();
            return _sought.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        public Task RefuseAsync()
        {
            Volatile.Write(ref _refuses, true);
            Worker.Tick();
            return _refused.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity partition,
            Guid claimId,
            LogPosition? firstStart,
            long promotion,
            CancellationToken cancel
        )
        {
            if (!Volatile.Read(ref _refuses))
            {
                return Task.FromResult<ClaimAnswer>(
                    new ClaimAnswer.Granted(new Claim(1, claimId), new LogPosition(60, -1), 0)
                );
            }
            _refused.TrySetResult();
            throw new AmbiguousStoreException("NOREPLICAS") { Refused = true };
        }

        public Task<StatesAnswer> ReadAsync(
            PartitionIdentity partition,
            IReadOnlyList<string> users,
            CancellationToken cancel
        ) => throw new InvalidOperationException();

        public Task<StepAnswer> StepAsync(
            PartitionIdentity partition,
            Claim claim,
            StorePlace from,
            LogPosition to,
            IReadOnlyList<UserWrite> writes,
            CancellationToken cancel
        ) => throw new AmbiguousStoreException("NOREPLICAS") { Refused = true };

        public void Seek(PartitionIdentity partition, LogPosition start, int session) => _sought.TrySetResult();

        public void StoreOffset(PartitionIdentity partition, LogPosition to) { }

        public bool IsAssigned(PartitionIdentity partition) => true;

        public Task<GapAnswer> CheckGapAsync(
            PartitionIdentity partition,
            LogPosition from,
            long to,
            CancellationToken cancel
        ) => throw new InvalidOperationException();

        public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
            throw new InvalidOperationException();

        public PartitionBatch Open(PartitionIdentity partition) => new Nothing();
    }

    private sealed class Nothing : PartitionBatch
    {
        public override BatchResult Compute(Claim claim, int generation) => BatchResult.Empty;

        protected override void Read() { }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare) =>
            throw new InvalidOperationException();
    }
}
