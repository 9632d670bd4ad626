using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Tests.Delivery.Rules;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>What can go wrong in a consumer.</summary>
internal enum ConsumerFault
{
    SeekElsewhere,
    RecordLost,
    GapUnanswered,
    StaleDelivery,
    LossNotTold,
}

/// <summary>Brokers, store, group and three workers under one seed.</summary>
internal sealed class SimulatedCluster
{
    public const int PartitionCount = 4;
    public const int WorkerCount = 3;

    private readonly Queue<ConsumerFault> _armed = new();
    private readonly int[] _assignments = new int[PartitionCount];
    private int _started;

    public SimulatedCluster(
        int seed,
        SimulatedRules rules,
        Action<string, PartitionInput, IReadOnlyList<PartitionDecision>> observe,
        TimeSpan? linger = null
    )
    {
        (Loop, Rules, Observe) = (new(seed), rules, observe);
        // Lists live with their states, or elsewhere; lost records are skipped, or stop the partition.
        Lists = (seed & 1) == 0 ? new(Loop, rules.Store) : null;
        Options = Options with
        {
            Policy = Options.Policy with { SkipLostRecords = (seed & 2) == 0 },
            // Batches are cut at once, or wait for more records.
            BatchLinger = linger ?? TimeSpan.FromMilliseconds((seed & 4) == 0 ? 0 : 30),
        };
        Store = new(Loop, rules.Store, Lists is not null);
        Network = new(Loop, Store, Lists, rules.Worker);
        Registry = new(this, seed);
        DeadLetters = new(Loop);
        Workers = [.. Enumerable.Range(0, WorkerCount).Select(_ => Start())];
        for (var p = 0; p < PartitionCount; p++)
        {
            Owners[p] = Workers[Loop.Random.Next(WorkerCount)];
            Owners[p]!.Assign(p);
        }
    }

    public PartitionWorkerOptions Options { get; } =
        new()
        {
            BatchRecords = 4,
            PendingRecords = 6,
            CachedUsers = 3,
            DirtyUsers = 3,
            StoreTimeout = TimeSpan.FromMilliseconds(200),
            RetryDelay = TimeSpan.FromMilliseconds(10),
            MaxRetryDelay = TimeSpan.FromMilliseconds(200),
            Policy = new() { Retries = 2 },
        };

    public SimulatedLoop Loop { get; }
    public SimulatedRules Rules { get; }
    public Action<string, PartitionInput, IReadOnlyList<PartitionDecision>> Observe { get; }
    public SimulatedStore Store { get; }
    public SimulatedLists? Lists { get; }
    public SimulatedNetwork Network { get; }
    public SimulatedRegistry Registry { get; }
    public SimulatedDeadLetters DeadLetters { get; }
    public SimulatedWorker[] Workers { get; }

    /// <summary>Every worker that ever ran, for its counters.</summary>
    public List<SimulatedWorker> All { get; } = [];

    /// <summary>Whom the group gave each partition.</summary>
    public SimulatedWorker?[] Owners { get; } = new SimulatedWorker?[PartitionCount];

    public long[] Committed { get; } = [-1, -1, -1, -1];

    public SimulatedLog[] Logs { get; } = [.. Enumerable.Range(0, PartitionCount).Select(_ => new SimulatedLog())];

    public PartitionIdentity[] Identities { get; } =
    [
        .. Enumerable
            .Range(0, PartitionCount)
            .Select(p => new PartitionIdentity("clicks", p, "uuid", PartitionCount, "g")),
    ];

    public int[] Struck { get; } = new int[Enum.GetValues<ConsumerFault>().Length];

    /// <summary>Batches computed on their partition's loop, and beside it.</summary>
    public int[] Computed { get; } = new int[2];

    /// <summary>Batches that were given up while they were computed.</summary>
    public int GivenUp { get; set; }

    /// <summary>The store lost everything once.</summary>
    public bool Emptied { get; set; }

    public void Arm(ConsumerFault fault) => _armed.Enqueue(fault);

    public bool Strikes(ConsumerFault fault)
    {
        if (!_armed.TryPeek(out var next) || next != fault)
        {
            return false;
        }
        _armed.Dequeue();
        Struck[(int)fault]++;
        return true;
    }

    /// <summary>Gives every partition to a worker drawn by lot.</summary>
    public void Rebalance()
    {
        for (var p = 0; p < PartitionCount; p++)
        {
            var to = Loop.Random.Next(WorkerCount);
            if (Owners[p] is { } owner && owner != Workers[to])
            {
                Move(p, owner, to);
            }
        }
    }

    /// <summary>
    /// Stops a worker for longer than its session; it goes on believing in its partitions for a while.
    /// </summary>
    public void Suspend(int worker)
    {
        var stopped = Workers[worker];
        var theirs = Owned(stopped);
        stopped.Process.Pause();
        foreach (var p in theirs)
        {
            Give(p, (worker + 1) % WorkerCount);
        }
        Loop.After(Loop.Random.Next(100, 1500), stopped.Process.Continue);
        Loop.After(
            Loop.Random.Next(1500, 3000),
            () =>
            {
                foreach (var p in theirs)
                {
                    Retract(p, stopped);
                }
            }
        );
    }

    /// <summary>Kills a worker and starts another in its place.</summary>
    public void Crash(int worker)
    {
        var theirs = Owned(Workers[worker]);
        Workers[worker].Process.Kill();
        Workers[worker] = Start();
        foreach (var p in theirs)
        {
            Give(p, Loop.Random.Next(WorkerCount));
        }
    }

    /// <summary>A worker of another group comes to the same prefix, or of the same one under other settings.</summary>
    public SimulatedWorker StartStranger(int partition, bool otherSettings)
    {
        var stranger = otherSettings
            ? new SimulatedWorker(this, "stranger", Identities, SimulatedProcessor.Kept - 1)
            : new SimulatedWorker(this, "stranger", [.. Identities.Select(i => i with { Group = "h" })]);
        stranger.Assign(partition);
        return stranger;
    }

    /// <summary>Oracle L for halts: each has its reason in what was done to the partition.</summary>
    public void OnHalt(SimulatedWorker worker, PartitionHalt halt)
    {
        var p = halt.Partition.Partition;
        var (log, n) = (Logs[p], worker.Partitions[p].NextOffset);
        var due = halt.Reason switch
        {
            HaltReason.Fork => log.Cut is { } cut
                && n > cut.Offset
                && !(Store[p]?.Next is { } next && next.Offset == n && log.Has(next)),
            HaltReason.Retention => !Options.Policy.SkipLostRecords && log.Start > n,
            HaltReason.StoreEmptied => Emptied,
            HaltReason.OtherGroup or HaltReason.OtherSettings => worker.Name == "stranger",
            _ => false,
        };
        if (!due)
        {
            throw new OracleException("L", $"halted at {n} without need: {halt}");
        }
    }

    private int[] Owned(SimulatedWorker worker) =>
        [.. Enumerable.Range(0, PartitionCount).Where(p => Owners[p] == worker)];

    private SimulatedWorker Start()
    {
        var worker = new SimulatedWorker(this, $"w{_started++}", Identities);
        All.Add(worker);
        worker.TakeModel(Registry.Pointer);
        return worker;
    }

    private void Move(int partition, SimulatedWorker from, int to)
    {
        if (from.Process.Paused || Loop.Chance(0.2))
        {
            Loop.After(Loop.Random.Next(0, 1000), () => Retract(partition, from));
            Give(partition, to);
            return;
        }
        var assignment = _assignments[partition];
        void Hand()
        {
            if (_assignments[partition] == assignment)
            {
                Give(partition, to);
            }
        }
        from.Revoke(partition, Hand);
        Loop.After(3000, Hand);
    }

    private void Retract(int partition, SimulatedWorker from)
    {
        if (Owners[partition] != from)
        {
            from.Lose(partition, told: !Strikes(ConsumerFault.LossNotTold));
        }
    }

    private void Give(int partition, int to)
    {
        _assignments[partition]++;
        Owners[partition] = Workers[to];
        Workers[to].Assign(partition);
    }
}

/// <summary>Rules that a mutation turns off: the worker's own, and those of what it calls.</summary>
/// <param name="KeepFloor">Sequences remember what they pushed out.</param>
/// <param name="AskOfEpoch">A session begins with the question whether the log still holds its position.</param>
internal sealed record SimulatedRules(
    PartitionRules Worker,
    StoreRules Store,
    bool KeepFloor = true,
    bool AskOfEpoch = true
)
{
    public static readonly SimulatedRules All = new(PartitionRules.All, new StoreRules());
}
