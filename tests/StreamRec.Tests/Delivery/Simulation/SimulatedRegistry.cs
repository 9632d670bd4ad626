namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// Promotes models while partitions are worked. Workers take each one when they will, some long after its seals; a seal
/// may come again after the next one, and the shard of the pointer falls back.
/// </summary>
internal sealed class SimulatedRegistry(SimulatedCluster cluster, int seed)
{
    /// <summary>In every seed that has any.</summary>
    public const int Promotions = 6;

    // Of its own: seeds without promotions are what they were.
    private readonly Random _random = new(seed);
    private long _newest;

    /// <summary>What is promoted, as far as the pointer's shard knows.</summary>
    public long Pointer { get; private set; }

    /// <summary>Seals that were overtaken by a later one.</summary>
    public int Overtaken { get; private set; }

    /// <summary>Times that the pointer fell back.</summary>
    public int Fallen { get; private set; }

    /// <summary>The last promotion; 0 where the seed has none.</summary>
    public long Newest => _newest;

    /// <summary>Drawn from the registry's own lot.</summary>
    public int Lot(int below) => _random.Next(below);

    public void Schedule(int busyMs)
    {
        if ((seed & 8) != 0)
        {
            return;
        }
        for (var i = 0; i < Promotions; i++)
        {
            cluster.Loop.After(_random.Next(100, busyMs), Promote);
        }
        cluster.Loop.After(_random.Next(100, busyMs), FallBack);
        // An operator who finds less promoted than was.
        cluster.Loop.After(
            busyMs,
            () =>
            {
                if (Pointer < _newest)
                {
                    Promote();
                }
            }
        );
    }

    private void Promote()
    {
        // Larger than any before, whatever became of the pointer: it is the time.
        Pointer = ++_newest;
        TellAll();
        for (var p = 0; p < SimulatedCluster.PartitionCount; p++)
        {
            Seal(p, Pointer, _random.Next(50, 1500));
        }
    }

    private void Seal(int partition, long promotion, int afterMs) =>
        cluster.Loop.After(
            afterMs,
            () =>
            {
                Overtaken += promotion < cluster.Store.SealOf(partition) ? 1 : 0;
                if (cluster.Loop.NowMs < cluster.Network.DownUntilMs || !cluster.Store.Seal(partition, promotion))
                {
                    Seal(partition, promotion, 200);
                }
                else if (_random.Next(4) == 0)
                {
                    cluster.Loop.After(_random.Next(10, 3000), () => cluster.Store.Seal(partition, promotion));
                }
            }
        );

    private void TellAll()
    {
        foreach (var worker in cluster.Workers)
        {
            // Now and then one is cut off.
            var afterMs = _random.Next(5) == 0 ? _random.Next(1000, 4000) : _random.Next(600);
            cluster.Loop.After(afterMs, () => worker.TakeModel(Pointer));
        }
    }

    private void FallBack()
    {
        if (Pointer == 0)
        {
            return;
        }
        Pointer--;
        Fallen++;
        // Whoever has a larger one writes it back.
        cluster.Loop.After(
            _random.Next(100, 1000),
            () =>
            {
                Pointer = Math.Max(
                    Pointer,
                    cluster.Workers.Where(worker => !worker.Process.Dead).Max(worker => worker.Live)
                );
                TellAll();
            }
        );
    }
}
