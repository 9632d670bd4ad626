using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

/// <summary>A partition says what it waits for as long as it does, and nothing once it goes on.</summary>
public sealed class PartitionWaitingTests
{
    [Fact]
    public async Task What_the_store_refuses_with()
    {
        var scene = new Scene { StepFaults = { Refused(), Refused(), Refused() } };

        await scene.RunAsync();

        // The first attempt has met nothing yet.
        Assert.Equal(
            [null, "Redis refuses: OOM", "Redis refuses: OOM", "Redis refuses: OOM"],
            scene.BeforeSteps.Select(wait => wait?.Error)
        );
        Assert.All(scene.BeforeSteps.Skip(1), wait => Assert.Equal(WaitReason.StoreRefuses, wait!.Value.Reason));
        Assert.Null(scene.AfterStep);
    }

    /// <summary>
    /// How far behind a partition is, is known while it waits for a claim: else no alarm on its lag could ring.
    /// </summary>
    [Fact]
    public async Task Where_it_stood_before_the_store_refused_a_claim()
    {
        var scene = new Scene
        {
            StepFaults = { Refused(), Refused(), Refused() },
            ClaimFaults = { null, Refused() },
            Retries = 2,
        };

        await scene.RunAsync();

        Assert.Equal([(null, 0L), (5L, 0L), (5L, 0L)], scene.BeforeClaims.Select(claim => (claim.Reached, claim.Next)));
        Assert.Equal(WaitReason.StoreRefuses, scene.BeforeClaims[2].Wait!.Value.Reason);
        Assert.Null(scene.AfterStep);
    }

    [Fact]
    public async Task Why_dead_letters_are_not_kept()
    {
        var scene = new Scene
        {
            LetterFaults = { new IOException("not enough replicas"), new IOException("not enough replicas") },
        };

        await scene.RunAsync();

        Assert.All(scene.BeforeLetters, wait => Assert.Equal(WaitReason.DeadLetters, wait!.Value.Reason));
        Assert.Equal(
            [null, "not enough replicas", "not enough replicas"],
            scene.BeforeLetters.Select(wait => wait!.Value.Error)
        );
        Assert.Null(scene.AfterStep);
        Assert.Equal(new Dictionary<string, long> { ["malformed_json"] = 1 }, scene.Worker.Counters.DeadLettersBy);
    }

    [Fact]
    public async Task What_the_broker_was_asked_at_a_first_start()
    {
        var scene = new Scene { FirstStart = true, StartFaults = { new IOException("no coordinator") } };

        await scene.RunAsync();

        Assert.All(scene.BeforeStarts, wait => Assert.Equal(WaitReason.KafkaUnanswered, wait!.Value.Reason));
        Assert.Contains(
            scene.BeforeClaims,
            claim => claim.Wait is { Reason: WaitReason.KafkaUnanswered, Error: "no coordinator" }
        );
        Assert.Null(scene.AfterStep);
    }

    [Fact]
    public async Task That_another_worker_claims_the_partition()
    {
        var scene = new Scene { StepFaults = { new FencedException() } };

        await scene.RunAsync();

        Assert.Equal(WaitReason.OtherWorker, scene.BeforeClaims[^1].Wait!.Value.Reason);
        Assert.Null(scene.AfterStep);
    }

    private static AmbiguousStoreException Refused() => new("Redis refuses: OOM") { Refused = true };

    private sealed class FencedException : Exception;

    /// <summary>
    /// One record, and ports that fail as they are told before they work. What the worker says is noted before each
    /// call.
    /// </summary>
    private sealed class Scene : IStateStore, ILogControl, IDeadLetters, IBatchProcessor
    {
        private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _caughtUp;
        private bool _started;

        public List<Exception?> StepFaults { get; } = [];
        public List<Exception?> ClaimFaults { get; } = [];
        public List<Exception?> LetterFaults { get; } = [];
        public List<Exception?> StartFaults { get; } = [];
        public bool FirstStart { get; init; }
        public int Retries { get; init; } = 5;

        public PartitionWorker Worker { get; private set; } = null!;
        public List<PartitionWait?> BeforeSteps { get; } = [];
        public List<PartitionWait?> BeforeLetters { get; } = [];
        public List<PartitionWait?> BeforeStarts { get; } = [];
        public List<(PartitionWait? Wait, long? Reached, long Next)> BeforeClaims { get; } = [];
        public PartitionWait? AfterStep { get; private set; }

        public async Task RunAsync()
        {
            Worker = new PartitionWorker(
                new PartitionIdentity("clicks", 0, "uuid", 1, "g"),
                new PartitionPorts(this, this, this, this, TimeProvider.System, new Random(1)),
                new PartitionWorkerOptions
                {
                    RetryDelay = TimeSpan.FromMilliseconds(1),
                    Policy = new() { Retries = Retries },
                }
            )
            {
                Observer = (input, _) =>
                {
                    if (input.Kind == PartitionInputKind.IdleTick)
                    {
                        _caughtUp?.TrySetResult();
                    }
                },
            };
            using var stop = new CancellationTokenSource();
            var running = Worker.RunAsync(stop.Token);
            Worker.Assign();
            await _stored.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await stop.CancelAsync();
            await running;
        }

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity partition,
            Guid claimId,
            LogPosition? firstStart,
            long promotion,
            CancellationToken cancel
        )
        {
            BeforeClaims.Add((Worker.Waiting, Worker.Reached, Worker.NextOffset));
            Throw(ClaimFaults);
            return Task.FromResult<ClaimAnswer>(
                FirstStart && firstStart is null && !_started
                    ? new ClaimAnswer.NoMeta()
                    : new ClaimAnswer.Granted(new Claim(1, claimId), new LogPosition(5, -1), 0)
            );
        }

        public Task<StatesAnswer> ReadAsync(
            PartitionIdentity partition,
            IReadOnlyList<string> users,
            CancellationToken cancel
        ) => throw new InvalidOperationException("There are no users.");

        public Task<StepAnswer> StepAsync(
            PartitionIdentity partition,
            Claim claim,
            StorePlace from,
            LogPosition to,
            IReadOnlyList<UserWrite> writes,
            CancellationToken cancel
        )
        {
            BeforeSteps.Add(Worker.Waiting is { Error: null } ? null : Worker.Waiting);
            try
            {
                Throw(StepFaults);
            }
            catch (FencedException)
            {
                return Task.FromResult<StepAnswer>(new StepAnswer.Fenced());
            }
            return Task.FromResult<StepAnswer>(new StepAnswer.Applied());
        }

        public async Task PublishAsync(
            PartitionIdentity partition,
            IReadOnlyList<DeadLetter> letters,
            CancellationToken cancel
        )
        {
            await CaughtUpAsync();
            BeforeLetters.Add(Worker.Waiting);
            Throw(LetterFaults);
        }

        public void Seek(PartitionIdentity partition, LogPosition start, int session) =>
            Worker.Deliver(session, new LogRecord(start.Offset, 0, 0, default, default));

        public void StoreOffset(PartitionIdentity partition, LogPosition to)
        {
            AfterStep = Worker.Waiting;
            _stored.TrySetResult();
        }

        public bool IsAssigned(PartitionIdentity partition) => true;

        public Task<GapAnswer> CheckGapAsync(
            PartitionIdentity partition,
            LogPosition from,
            long to,
            CancellationToken cancel
        ) => Task.FromResult(new GapAnswer(GapVerdict.Hole));

        public async Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel)
        {
            await CaughtUpAsync();
            BeforeStarts.Add(Worker.Waiting);
            Throw(StartFaults);
            _started = true;
            return new LogPosition(5, -1);
        }

        public PartitionBatch Open(PartitionIdentity partition) => new Batch();

        // The loop has taken all that was left for it so far.
        private Task CaughtUpAsync()
        {
            var caughtUp = _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Worker.Tick();
            return caughtUp.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        private static void Throw(List<Exception?> faults)
        {
            if (faults.Count > 0)
            {
                var fault = faults[0];
                faults.RemoveAt(0);
                if (fault is not null)
                {
                    throw fault;
                }
            }
        }
    }

    private sealed class Batch : PartitionBatch
    {
        public override BatchResult Compute(Claim claim, int generation) =>
            new([], [.. Records.Select(record => new DeadLetter(record, "malformed_json", "why"))]);

        protected override void Read() { }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare) =>
            throw new InvalidOperationException();
    }
}
