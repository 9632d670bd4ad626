namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>What goes wrong, drawn by lot.</summary>
internal sealed class SimulatedFaults(SimulatedCluster cluster, Action<string> see)
{
    private SimulatedLoop Loop => cluster.Loop;

    public void Strike()
    {
        var worker = Loop.Random.Next(SimulatedCluster.WorkerCount);
        var kind = Loop.Random.Next(24);
        switch (kind)
        {
            case < 5:
                cluster.Network.Arm((NetworkFault)kind);
                break;
            case < 10:
                cluster.Arm((ConsumerFault)(kind - 5));
                break;
            case < 13:
                Rollback(kind == 10);
                break;
            case 13 when !cluster.Workers[worker].Process.Paused:
                cluster.Suspend(worker);
                see("suspended");
                break;
            case 14:
                cluster.Crash(worker);
                see("crashed");
                break;
            case 15:
                cluster.DeadLetters.DownUntilMs = Loop.NowMs + 1000;
                break;
            case 16:
                Reconnect();
                see("reconnected");
                break;
            case 17:
                Outage(failover: Loop.Chance(0.5));
                break;
            case 18 or 19:
                FailOverLists();
                break;
            case 20:
                cluster.Network.Arm(NetworkFault.RequestDelayed);
                cluster.Suspend(worker);
                break;
            case 21:
                Delete();
                break;
            case 22:
                Seldom();
                break;
            default:
                cluster.Logs[Loop.Random.Next(SimulatedCluster.PartitionCount)].ElectLeader();
                see("leader elected");
                break;
        }
    }

    private void Outage(bool failover)
    {
        var until = cluster.Network.DownUntilMs = Loop.NowMs + Loop.Random.Next(100, 1500);
        if (failover)
        {
            Loop.After(until - Loop.NowMs - 1, () => Rollback(Loop.Chance(0.5)));
        }
    }

    private void Rollback(bool noticed)
    {
        if (cluster.Store.Rollback(Loop.Random.Next(1, 12)))
        {
            see(noticed ? "rolled back" : "rolled back unnoticed");
        }
        if (noticed)
        {
            Reconnect();
        }
    }

    private void FailOverLists()
    {
        if (cluster.Lists is not { } lists)
        {
            return;
        }
        // The replicas fall behind first.
        lists.ReplicasStopUntilMs = Loop.NowMs + Loop.Random.Next(0, 800);
        var noticed = Loop.Chance(0.5);
        Loop.After(
            Loop.Random.Next(0, 800),
            () =>
            {
                lists.FailOver(Loop.Random.Next(SimulatedLists.ShardCount));
                see(noticed ? "lists failed over" : "lists failed over unnoticed");
                if (noticed)
                {
                    Reconnect();
                }
            }
        );
    }

    private void Delete()
    {
        // Mostly what has been processed; at times more.
        var p = Loop.Random.Next(SimulatedCluster.PartitionCount);
        var n = cluster.Store[p]?.Next.Offset ?? 0;
        cluster.Logs[p].DeleteUntil(n + Loop.Random.Next(-5, 12));
        see("records deleted");
    }

    // What stops partitions for good, and so hides what else would happen to them.
    private void Seldom()
    {
        var p = Loop.Random.Next(SimulatedCluster.PartitionCount);
        switch (Loop.Random.Next(4))
        {
            case 0:
                cluster.Store.Empty();
                cluster.Emptied = true;
                Reconnect();
                see("store emptied");
                break;
            case 1:
                var settings = Loop.Chance(0.5);
                cluster.StartStranger(p, settings);
                see(settings ? "other settings came" : "another group came");
                break;
            default:
                Fork(p);
                break;
        }
    }

    // Not where a hole is cut off: the epoch at a position behind it is unknown, as docs/delivery.md says.
    private void Fork(int p)
    {
        var log = cluster.Logs[p];
        var at = Math.Max(0, log.End - 1 - Loop.Random.Next(8));
        if (log.HasHoleFrom(at) || log.Start > 0 || log.Cut is not null || at >= log.End)
        {
            return;
        }
        if (cluster.Owners[p] is { Process.Paused: false } owner && Loop.Chance(0.5))
        {
            // Nobody consumes, until the log may have grown beyond n again.
            cluster.Crash(Array.IndexOf(cluster.Workers, owner));
            cluster.Network.DownUntilMs = Loop.NowMs + Loop.Random.Next(100, 2500);
            see("log forked under nobody");
        }
        log.Fork(at);
        see("log forked");
    }

    private void Reconnect()
    {
        foreach (var worker in cluster.Workers)
        {
            worker.Process.Run(() => Array.ForEach(worker.Partitions, p => p.Reconnect()));
        }
    }
}
