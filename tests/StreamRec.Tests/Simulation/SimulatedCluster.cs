using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>What can go wrong in a consumer.</summary>
internal enum ConsumerFault
{
    SeekElsewhere, RecordLost, GapUnanswered,
}

/// <summary>Brokers, store, group and three workers under one seed.</summary>
internal sealed class SimulatedCluster
{
    public const int PartitionCount = 4;
    public const int WorkerCount = 3;

    private readonly Queue<ConsumerFault> _armed = new();
    private int _started;

    public SimulatedCluster(int seed, PartitionRules rules, StoreRules storeRules)
    {
        (Loop, Rules) = (new(seed), rules);
        Store = new(Loop, storeRules);
        Network = new(Loop, Store);
        DeadLetters = new(Loop);
        Workers = [.. Enumerable.Range(0, WorkerCount).Select(_ => Start())];
        for (var p = 0; p < PartitionCount; p++)
        {
            Owners[p] = Workers[Loop.Random.Next(WorkerCount)];
            Owners[p]!.Assign(p);
        }
    }

    public static PartitionWorkerOptions Options { get; } = new()
    {
        BatchRecords = 4,
        PendingRecords = 6,
        CachedUsers = 3,
        StoreTimeout = TimeSpan.FromMilliseconds(200),
        RetryDelay = TimeSpan.FromMilliseconds(10),
        MaxRetryDelay = TimeSpan.FromMilliseconds(200),
        Policy = new() { Retries = 2 },
    };

    public SimulatedLoop Loop { get; }
    public PartitionRules Rules { get; }
    public SimulatedStore Store { get; }
    public SimulatedNetwork Network { get; }
    public SimulatedDeadLetters DeadLetters { get; }
    public SimulatedWorker[] Workers { get; }

    /// <summary>Every worker that ever ran, for its counters.</summary>
    public List<SimulatedWorker> All { get; } = [];

    /// <summary>Whom the group gave each partition; null while it is being handed over.</summary>
    public SimulatedWorker?[] Owners { get; } = new SimulatedWorker?[PartitionCount];

    public long[] Committed { get; } = [-1, -1, -1, -1];

    public SimulatedLog[] Logs { get; } = [.. Enumerable.Range(0, PartitionCount).Select(_ => new SimulatedLog())];

    public PartitionIdentity[] Identities { get; } =
        [.. Enumerable.Range(0, PartitionCount).Select(p => new PartitionIdentity("clicks", p, "uuid", PartitionCount, "g"))];

    public int[] Struck { get; } = new int[Enum.GetValues<ConsumerFault>().Length];

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

    /// <summary>Stops a worker for longer than its session; it goes on believing in its partitions for a while.</summary>
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
        Loop.After(Loop.Random.Next(1500, 3000), () =>
        {
            foreach (var p in theirs.Where(p => Owners[p] != stopped))
            {
                stopped.Lose(p);
            }
        });
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

    private int[] Owned(SimulatedWorker worker) =>
        [.. Enumerable.Range(0, PartitionCount).Where(p => Owners[p] == worker)];

    private SimulatedWorker Start()
    {
        var worker = new SimulatedWorker(this, $"w{_started++}");
        All.Add(worker);
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

        var moved = false;
        void Hand()
        {
            if (!moved)
            {
                moved = true;
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
            from.Lose(partition);
        }
    }

    private void Give(int partition, int to)
    {
        Owners[partition] = Workers[to];
        Workers[to].Assign(partition);
    }
}
