using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Tests.Delivery.Rules;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>One worker process: its consumer and its partitions' workers.</summary>
internal sealed class SimulatedWorker : ILogControl
{
    private readonly SimulatedCluster _cluster;
    private readonly Consumed[] _consumed;

    public SimulatedWorker(
        SimulatedCluster cluster,
        string name,
        PartitionIdentity[] identities,
        int kept = SimulatedProcessor.Kept
    )
    {
        (_cluster, Name, Process) = (cluster, name, new SimulatedProcess(cluster.Loop));
        var ports = new PartitionPorts(
            cluster.Network.Connect($"kept {kept}", () => Live),
            this,
            new SimulatedProcessor(cluster.Rules.KeepFloor, () => Live, kept),
            cluster.DeadLetters,
            new SimulatedTime(cluster.Loop, Process),
            cluster.Loop.Random
        );
        var threads = new SimulatedThreads(cluster, Process);
        Partitions =
        [
            .. identities.Select(p => new PartitionWorker(p, ports, cluster.Options, threads)
            {
                Handler = Handler(),
                Observer = (input, decisions) => cluster.Observe($"{name}[{p.Partition}]", input, decisions),
            }),
        ];
        _consumed = [.. identities.Select(_ => new Consumed())];
        foreach (var partition in Partitions)
        {
            partition.Halted += halt => cluster.OnHalt(this, halt);
            Process.Run(() => Watch(partition.RunAsync(CancellationToken.None)));
        }
        Poll();
    }

    public string Name { get; }
    public SimulatedProcess Process { get; }
    public PartitionWorker[] Partitions { get; }

    /// <summary>The promotion of the model that is live.</summary>
    public long Live { get; private set; }

    /// <summary>Another model takes the place of an older one; partitions are told a moment later.</summary>
    public void TakeModel(long promotion) =>
        Process.Run(() =>
        {
            if (promotion > Live)
            {
                Live = promotion;
                _cluster.Loop.After(
                    _cluster.Registry.Lot(20),
                    () => Process.Run(() => Array.ForEach(Partitions, p => p.ModelReady(promotion)))
                );
            }
        });

    public void Assign(int partition) =>
        Process.Run(() =>
        {
            _consumed[partition] = new() { Assigned = true };
            Partitions[partition].Assign();
        });

    /// <param name="told">Whether the client tells the worker; it can forget to.</param>
    public void Lose(int partition, bool told) =>
        Process.Run(() =>
        {
            _consumed[partition] = new();
            if (told)
            {
                Partitions[partition].Lose();
            }
        });

    public void Revoke(int partition, Action released) =>
        Process.Run(async () =>
        {
            var consumed = _consumed[partition];
            await Partitions[partition].RevokeAsync(TimeSpan.FromMilliseconds(_cluster.Loop.Random.Next(0, 500)));
            if (_consumed[partition] == consumed)
            {
                Commit(partition);
                _consumed[partition] = new();
            }
            released();
        });

    public void Seek(PartitionIdentity partition, LogPosition start, int session)
    {
        var consumed = _consumed[partition.Partition];
        (consumed.Session, consumed.Fetch, consumed.Epoch, consumed.End) = (session, start.Offset, start.Epoch, -1);
        consumed.Elections = _cluster.Rules.AskOfEpoch ? 0 : _cluster.Logs[partition.Partition].Elections;
        if (_cluster.Strikes(ConsumerFault.SeekElsewhere))
        {
            (consumed.Fetch, consumed.Epoch) = (
                _cluster.Loop.Random.NextInt64(_cluster.Logs[partition.Partition].End + 1),
                -1
            );
        }
    }

    public void StoreOffset(PartitionIdentity partition, LogPosition to)
    {
        // Oracle K: Kafka never hears of more than the store held.
        if (to.Offset > _cluster.Store.Reached.GetValueOrDefault(partition.Partition))
        {
            throw new OracleException(
                "K",
                $"[{partition.Partition}] Kafka is told {to.Offset}, the store never held that"
            );
        }
        _consumed[partition.Partition].Stored = to.Offset;
    }

    public bool IsAssigned(PartitionIdentity partition) => _consumed[partition.Partition].Assigned;

    public async Task<GapAnswer> CheckGapAsync(
        PartitionIdentity partition,
        LogPosition from,
        long to,
        CancellationToken cancel
    )
    {
        await Task.Yield();
        return _cluster.Strikes(ConsumerFault.GapUnanswered)
            ? throw new TimeoutException()
            : _cluster.Logs[partition.Partition].Check(from.Offset, to);
    }

    public async Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel)
    {
        await Task.Yield();
        return _cluster.Committed[partition.Partition] < 0
            ? new LogPosition(_cluster.Logs[partition.Partition].Start, -1)
            : null;
    }

    private PartitionHandler Handler()
    {
        var life = new MutatedLife(
            _cluster.Options.Policy with
            {
                ListsElsewhere = _cluster.Lists is not null,
            },
            _cluster.Rules.Worker
        );
        return (in PartitionState state, in PartitionInput input, ICollection<PartitionDecision> decisions) =>
        {
            var next = life.Handle(state, input, decisions);
            var computed = state.Phase == PartitionPhase.Computing && next.Phase != PartitionPhase.Computing;
            _cluster.GivenUp +=
                computed && input.Kind is not (PartitionInputKind.Computed or PartitionInputKind.ComputeFailed) ? 1 : 0;
            return next;
        };
    }

    private static async void Watch(Task task) => await task;

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
        if (consumed.Session <= 0 || !Validate(consumed, worker, log))
        {
            return;
        }
        for (var i = _cluster.Loop.Random.Next(1, 8); i > 0 && worker.WantsRecords; i--)
        {
            if (log.Next(consumed.Fetch) is { } record)
            {
                (consumed.Fetch, consumed.Epoch) = (record.Offset + 1, record.Epoch);
                Deliver(consumed, worker, record);
            }
            else if (consumed.End < log.End)
            {
                consumed.Fetch = consumed.End = log.End;
                worker.DeliverEnd(consumed.Session, log.End);
            }
        }
    }

    // As librdkafka: after a seek with an epoch, and after each election, it is asked if the log holds the position.
    private static bool Validate(Consumed consumed, PartitionWorker worker, SimulatedLog log)
    {
        if (!log.Has(new(consumed.Fetch, consumed.Epoch)) && consumed.Elections != log.Elections)
        {
            worker.DeliverFork(consumed.Session);
            consumed.Session = 0;
            return false;
        }
        consumed.Elections = log.Elections;
        if (consumed.Fetch < log.Start || consumed.Fetch > log.End)
        {
            worker.DeliverOutOfRange(consumed.Session, log.Start, log.End);
            consumed.Session = 0;
            return false;
        }
        return true;
    }

    private void Deliver(Consumed consumed, PartitionWorker worker, in LogRecord record)
    {
        if (_cluster.Strikes(ConsumerFault.RecordLost))
        {
            return;
        }
        if (_cluster.Strikes(ConsumerFault.StaleDelivery))
        {
            // Comes again after the next seek, of which it knows nothing.
            var (session, stale) = (consumed.Session, record);
            _cluster.Loop.After(
                _cluster.Loop.Random.Next(10, 3000),
                () => Process.Run(() => worker.Deliver(session, stale))
            );
        }
        worker.Deliver(consumed.Session, record);
    }

    // Kafka takes commits of the owner only.
    private void Commit(int partition)
    {
        var stored = _consumed[partition].Stored;
        if (stored >= 0 && Name != "stranger" && _cluster.Owners[partition] == this)
        {
            _cluster.Committed[partition] = stored;
        }
    }

    private sealed class Consumed
    {
        public bool Assigned { get; set; }
        public int Session { get; set; }
        public long Fetch { get; set; }

        /// <summary>
        /// The epoch of the record before <see cref="Fetch"/>, and the log's elections when it was last asked about.
        /// </summary>
        public int Epoch { get; set; } = -1;
        public int Elections { get; set; }
        public long End { get; set; } = -1;
        public long Stored { get; set; } = -1;
    }
}
