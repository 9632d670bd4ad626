using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>One worker process: its consumer and its partitions' workers.</summary>
internal sealed class SimulatedWorker : ILogControl
{
    private readonly SimulatedCluster _cluster;
    private readonly Consumed[] _consumed;

    public SimulatedWorker(SimulatedCluster cluster, string name)
    {
        (_cluster, Name, Process) = (cluster, name, new SimulatedProcess(cluster.Loop));
        var ports = new PartitionPorts(
            cluster.Network.Connect(), this, new SimulatedProcessor(), cluster.DeadLetters,
            new SimulatedTime(cluster.Loop, Process), cluster.Loop.Random);
        Partitions = [.. cluster.Identities.Select(p => new PartitionWorker(p, ports, SimulatedCluster.Options, cluster.Rules))];
        _consumed = [.. cluster.Identities.Select(_ => new Consumed())];
        foreach (var partition in Partitions)
        {
            partition.Halted += halt => throw new OracleException("L", halt.Message);
            Process.Run(() => Observe(partition.RunAsync(CancellationToken.None)));
        }

        Poll();
    }

    public string Name { get; }
    public SimulatedProcess Process { get; }
    public PartitionWorker[] Partitions { get; }

    public void Assign(int partition) => Process.Run(() =>
    {
        _consumed[partition].Assigned = true;
        Partitions[partition].Assign();
    });

    public void Lose(int partition) => Process.Run(() =>
    {
        _consumed[partition] = new();
        Partitions[partition].Lose();
    });

    public void Revoke(int partition, Action released) => Process.Run(async () =>
    {
        await Partitions[partition].RevokeAsync(TimeSpan.FromMilliseconds(_cluster.Loop.Random.Next(0, 500)));
        Commit(partition);
        _consumed[partition] = new();
        released();
    });

    public void Seek(PartitionIdentity partition, LogPosition start, int session)
    {
        var consumed = _consumed[partition.Partition];
        (consumed.Session, consumed.Fetch, consumed.End) = (session, start.Offset, -1);
        if (_cluster.Strikes(ConsumerFault.SeekElsewhere))
        {
            consumed.Fetch = _cluster.Loop.Random.NextInt64(_cluster.Logs[partition.Partition].End + 1);
        }
    }

    public void StoreOffset(PartitionIdentity partition, LogPosition to)
    {
        // Oracle K: Kafka never hears of more than the store held.
        if (to.Offset > _cluster.Store.Reached.GetValueOrDefault(partition.Partition))
        {
            throw new OracleException("K", $"[{partition.Partition}] Kafka is told {to.Offset}, the store never held that");
        }

        _consumed[partition.Partition].Stored = to.Offset;
    }

    public bool IsAssigned(PartitionIdentity partition) => _consumed[partition.Partition].Assigned;

    public async Task<GapAnswer> CheckGapAsync(PartitionIdentity partition, LogPosition from, long to, CancellationToken cancel)
    {
        await Task.Yield();
        return _cluster.Strikes(ConsumerFault.GapUnanswered)
            ? throw new TimeoutException()
            : _cluster.Logs[partition.Partition].Check(from.Offset, to);
    }

    public async Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel)
    {
        await Task.Yield();
        return _cluster.Committed[partition.Partition] < 0 ? new LogPosition(0, -1) : null;
    }

    private static async void Observe(Task task) => await task;

    private void Poll()
    {
        for (var p = 0; p < _consumed.Length; p++)
        {
            Fetch(p);
            Commit(p);
            if (_cluster.Loop.Chance(0.05))
            {
                Partitions[p].Tick();
            }
        }

        _cluster.Loop.After(_cluster.Loop.Random.Next(5, 60), () => Process.Run(Poll));
    }

    private void Fetch(int partition)
    {
        var (consumed, worker, log) = (_consumed[partition], Partitions[partition], _cluster.Logs[partition]);
        for (var i = _cluster.Loop.Random.Next(1, 8); i > 0 && consumed.Session > 0 && worker.WantsRecords; i--)
        {
            if (log.Next(consumed.Fetch) is { } record)
            {
                consumed.Fetch = record.Offset + 1;
                if (!_cluster.Strikes(ConsumerFault.RecordLost))
                {
                    worker.Deliver(consumed.Session, record);
                }
            }
            else if (consumed.End < log.End)
            {
                consumed.Fetch = consumed.End = log.End;
                worker.DeliverEnd(consumed.Session, log.End);
            }
        }
    }

    // Kafka takes commits of the owner only.
    private void Commit(int partition)
    {
        var stored = _consumed[partition].Stored;
        if (stored >= 0 && _cluster.Owners[partition] == this)
        {
            _cluster.Committed[partition] = stored;
        }
    }

    private sealed class Consumed
    {
        public bool Assigned { get; set; }
        public int Session { get; set; }
        public long Fetch { get; set; }
        public long End { get; set; } = -1;
        public long Stored { get; set; } = -1;
    }
}
