using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

/// <summary>
/// What surrounds a partition, as a test wants it: a willing store, a log whose records the test delivers, and a
/// processor that writes one state a batch, into memory of the batch. Each answer can be replaced.
/// </summary>
internal sealed class ScriptedPorts : IStateStore, ILogControl, IDeadLetters, IBatchProcessor
{
    /// <summary>A record with this value is poison.</summary>
    public const string Poison = "poison";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _seen = [];
    private readonly List<(string What, int Times, TaskCompletionSource Reached)> _waiting = [];
    private readonly List<string> _told = [];

    public Func<LogPosition?, Guid, ClaimAnswer> Claim { get; set; } =
        (_, id) => new ClaimAnswer.Granted(new Claim(1, id), new LogPosition(0, -1), 0);

    /// <summary>The promotion that the last claim named.</summary>
    public long Claimed { get; private set; }

    /// <summary>The promotion of the model that batches are computed by.</summary>
    public long Live { get; set; }

    /// <summary>A step that writes a batch; idle checks are always applied.</summary>
    public Func<IReadOnlyList<UserWrite>, Task<StepAnswer>> Step { get; set; } =
        _ => Task.FromResult<StepAnswer>(new StepAnswer.Applied());

    public Func<IReadOnlyList<DeadLetter>, Task> Letters { get; set; } = _ => Task.CompletedTask;

    /// <summary>Before a batch is computed, on the thread that computes it.</summary>
    public Action Compute { get; set; } = () => { };

    /// <summary>What an idle check is answered.</summary>
    public StepAnswer Idle { get; set; } = new StepAnswer.Applied();

    public Func<LogPosition, int, bool> Seek { get; set; } = (_, _) => true;

    public IListShards? Lists => null;

    /// <summary>What was seen to happen, in order.</summary>
    public IReadOnlyList<string> Told
    {
        get
        {
            lock (_lock)
            {
                return [.. _told];
            }
        }
    }

    /// <summary>A worker amid these ports.</summary>
    public PartitionWorker Open(
        PartitionIdentity partition,
        PartitionWorkerOptions? options = null,
        ILogControl? log = null,
        TimeProvider? time = null,
        IComputePlace? place = null
    )
    {
        var worker = new PartitionWorker(
            partition,
            new PartitionPorts(this, log ?? this, this, this, time ?? TimeProvider.System, new Random(1)),
            options ?? new PartitionWorkerOptions { RetryDelay = TimeSpan.Zero },
            place ?? new ComputePlace()
        )
        {
            Observer = (input, _) => Tell($"{input.Kind}"),
        };
        worker.Written += (_, times) => Tell($"written {times.LastMs}");
        worker.Halted += halt => Tell($"halted {halt.Reason}");
        return worker;
    }

    public void Tell(string what)
    {
        lock (_lock)
        {
            _told.Add(what);
            _seen[what] = _seen.GetValueOrDefault(what) + 1;
            foreach (var (_, _, reached) in _waiting.FindAll(w => w.What == what && w.Times <= _seen[what]))
            {
                reached.TrySetResult();
            }
        }
    }

    /// <summary>Waits for something to happen so many times in all.</summary>
    public Task SeenAsync(string what, int times = 1)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((what, times, reached));
            if (_seen.GetValueOrDefault(what) >= times)
            {
                reached.TrySetResult();
            }
        }
        return reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>
    /// Has a worker take a hundred inputs, one after the other: whatever was on its way before has come.
    /// </summary>
    public async Task TurnAsync(PartitionWorker worker)
    {
        for (var i = 0; i < 100; i++)
        {
            var before = Told.Count(what => what == "IdleTick");
            worker.Tick();
            await SeenAsync("IdleTick", before + 1);
        }
    }

    Task<ClaimAnswer> IStateStore.ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        long promotion,
        CancellationToken cancel
    )
    {
        Claimed = promotion;
        return Task.FromResult(Claim(firstStart, claimId));
    }

    Task<StatesAnswer> IStateStore.ReadAsync(
        PartitionIdentity partition,
        IReadOnlyList<string> users,
        CancellationToken cancel
    ) => Task.FromResult(new StatesAnswer(default, new byte[]?[users.Count]));

    Task<StepAnswer> IStateStore.StepAsync(
        PartitionIdentity partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        CancellationToken cancel
    )
    {
        if (from.Offset == to.Offset)
        {
            return Task.FromResult(Idle);
        }
        Tell($"step to {to.Offset} epoch {to.Epoch}");
        return Step(writes);
    }

    void ILogControl.Seek(PartitionIdentity partition, LogPosition start, int session) => Seek(start, session);

    void ILogControl.StoreOffset(PartitionIdentity partition, LogPosition to) => Tell($"done {to.Offset}");

    bool ILogControl.IsAssigned(PartitionIdentity partition) => true;

    Task<GapAnswer> ILogControl.CheckGapAsync(
        PartitionIdentity partition,
        LogPosition from,
        long to,
        CancellationToken cancel
    ) => Task.FromResult(new GapAnswer(GapVerdict.Hole));

    // Kafka knows no offset of the group: where the store is empty too, this may be a first start.
    Task<LogPosition?> ILogControl.FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
        Task.FromResult<LogPosition?>(new LogPosition(0, -1));

    Task IDeadLetters.PublishAsync(
        PartitionIdentity partition,
        IReadOnlyList<DeadLetter> letters,
        CancellationToken cancel
    ) => Letters(letters);

    PartitionBatch IBatchProcessor.Open(PartitionIdentity partition) => new Batch(this);

    private sealed class Batch(ScriptedPorts ports) : PartitionBatch
    {
        private readonly byte[] _state = new byte[sizeof(long)];
        private volatile bool _computing;

        public override BatchResult Compute(Claim claim, int generation)
        {
            _computing = true;
            ports.Compute();
            BitConverter.TryWriteBytes(_state, Records[^1].TimestampMs);
            _computing = false;
            return new BatchResult(
                [
                    new UserWrite("u", _state, default, new(Records[^1].Epoch, Records[^1].Offset))
                    {
                        Promotion = ports.Live,
                    },
                ],
                [
                    .. Records
                        .Where(r => r.Value.Span.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(Poison)))
                        .Select(r => new DeadLetter(r, "poison", "")),
                ]
            );
        }

        protected override void Read() { }

        protected override void Reset()
        {
            if (_computing)
            {
                ports.Tell("used again while it is computed");
            }
        }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare) =>
            throw new InvalidOperationException();
    }
}
