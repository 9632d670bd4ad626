using System.Buffers.Binary;
using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>One seed: 200 events, faults, rebalances, and the oracles at its end.</summary>
internal sealed class SimulationRun
{
    private const int Events = 200;
    private const int Faults = 5;
    private const int BusyMs = 6000;
    private const int FaultyMs = 8000;
    private const int LimitMs = 90_000;

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedLoop _loop;
    private readonly Dictionary<string, long> _seen;

    public SimulationRun(int seed, PartitionRules rules, StoreRules storeRules, Dictionary<string, long> seen)
    {
        _cluster = new(seed, rules, storeRules);
        (_loop, _seen) = (_cluster.Loop, seen);
    }

    /// <summary>Runs the seed; throws <see cref="OracleException"/> where an oracle turns red.</summary>
    public void Run()
    {
        Schedule();
        _loop.RunUntil(FaultyMs, () => false);
        if (!_loop.RunUntil(LimitMs, AtRest))
        {
            throw new OracleException("L", "the lag did not return to 0: " + Describe());
        }

        CheckStates();

        // What is still on its way arrives now, and must change nothing.
        _loop.RunUntil(_loop.NowMs + 4000, () => false);
        if (!_loop.RunUntil(_loop.NowMs + 10_000, AtRest))
        {
            throw new OracleException("L", "late calls disturbed the rest: " + Describe());
        }

        CheckStates();
        Count();
    }

    private void Schedule()
    {
        for (var left = Events; left > 0;)
        {
            var burst = Math.Min(left, _loop.Random.Next(1, 12));
            left -= burst;
            _loop.After(_loop.Random.Next(BusyMs), () => Produce(burst));
        }

        for (var i = 0; i < Faults; i++)
        {
            _loop.After(_loop.Random.Next(200, FaultyMs), Strike);
        }

        for (var i = _loop.Random.Next(1, 4); i > 0; i--)
        {
            _loop.After(_loop.Random.Next(200, FaultyMs), _cluster.Rebalance);
        }
    }

    private void Produce(int burst)
    {
        var partition = _loop.Random.Next(SimulatedCluster.PartitionCount);
        var log = _cluster.Logs[partition];
        for (; burst > 0; burst--)
        {
            log.Append($"u{partition}-{_loop.Random.Next(4)}", _loop.Chance(0.05));
            if (_loop.Chance(0.1))
            {
                log.AppendHole();
            }
        }
    }

    private void Strike()
    {
        var worker = _loop.Random.Next(SimulatedCluster.WorkerCount);
        var kind = _loop.Random.Next(18);
        switch (kind)
        {
            case < 5:
                _cluster.Network.Arm((NetworkFault)kind);
                break;
            case < 8:
                _cluster.Arm((ConsumerFault)(kind - 5));
                break;
            case < 11:
                Rollback(kind == 8);
                break;
            case 11 when !_cluster.Workers[worker].Process.Paused:
                _cluster.Suspend(worker);
                See("suspended");
                break;
            case 12:
                _cluster.Crash(worker);
                See("crashed");
                break;
            case 13:
                _cluster.DeadLetters.DownUntilMs = _loop.NowMs + 1000;
                break;
            case 14:
                Reconnect();
                See("reconnected");
                break;
            case 15:
                Outage(failover: false);
                break;
            case 16:
                Outage(failover: true);
                break;
            default:
                _cluster.Logs[_loop.Random.Next(SimulatedCluster.PartitionCount)].ElectLeader();
                See("leader elected");
                break;
        }
    }

    private void Outage(bool failover)
    {
        var until = _cluster.Network.DownUntilMs = _loop.NowMs + _loop.Random.Next(100, 1500);
        if (failover)
        {
            _loop.After(until - _loop.NowMs - 1, () => Rollback(_loop.Chance(0.5)));
        }
    }

    private void Rollback(bool noticed)
    {
        if (_cluster.Store.Rollback(_loop.Random.Next(1, 12)))
        {
            See(noticed ? "rolled back" : "rolled back unnoticed");
        }

        if (noticed)
        {
            Reconnect();
        }
    }

    private void Reconnect()
    {
        foreach (var worker in _cluster.Workers)
        {
            worker.Process.Run(() => Array.ForEach(worker.Partitions, p => p.Reconnect()));
        }
    }

    // Oracles L and K: all is processed, and Kafka says so too.
    private bool AtRest()
    {
        for (var p = 0; p < SimulatedCluster.PartitionCount; p++)
        {
            var end = _cluster.Logs[p].End;
            if (_cluster.Store[p]?.Next.Offset != end || (_cluster.Committed[p] != end && end > 0)
                || _cluster.Owners[p]?.Partitions[p].Phase != PartitionPhase.Ready)
            {
                return false;
            }
        }

        return true;
    }

    // Oracle S: a fold of the log that shares nothing with the worker; and every poison record is kept.
    private void CheckStates()
    {
        for (var p = 0; p < SimulatedCluster.PartitionCount; p++)
        {
            var expected = _cluster.Logs[p].Records.Where(r => !SimulatedProcessor.IsPoison(r))
                .GroupBy(SimulatedProcessor.User, r => r.Offset).ToDictionary(g => g.Key, g => string.Join(',', g));
            var actual = _cluster.Store[p]!.States.ToDictionary(s => s.Key, s => Read(s.Value));
            foreach (var user in expected.Keys.Union(actual.Keys))
            {
                if (expected.GetValueOrDefault(user) != actual.GetValueOrDefault(user))
                {
                    throw new OracleException(
                        "S", $"{user} is {actual.GetValueOrDefault(user)}, not {expected.GetValueOrDefault(user)}");
                }
            }

            var poison = _cluster.Logs[p].Records.Where(SimulatedProcessor.IsPoison).Select(r => (p, r.Offset)).ToHashSet();
            if (!poison.SetEquals(_cluster.DeadLetters.Kept.Where(k => k.Partition == p)))
            {
                throw new OracleException("S", $"the dead letters of [{p}] are not its poison records");
            }
        }
    }

    private static string Read(byte[] state) => string.Join(
        ',', Enumerable.Range(0, state.Length / 8).Select(i => BinaryPrimitives.ReadInt64LittleEndian(state.AsSpan(i * 8))));

    private string Describe() => string.Join("; ", Enumerable.Range(0, SimulatedCluster.PartitionCount).Select(p =>
        $"[{p}] end {_cluster.Logs[p].End} n {_cluster.Store[p]?.Next.Offset} committed {_cluster.Committed[p]} "
        + $"{_cluster.Owners[p]?.Name} {_cluster.Owners[p]?.Partitions[p].Phase} {_cluster.Owners[p]?.Partitions[p].NextOffset}"));

    // Oracle O: what was really seen to happen.
    private void Count()
    {
        foreach (var fault in Enum.GetValues<NetworkFault>())
        {
            See(fault.ToString(), _cluster.Network.Struck[(int)fault]);
        }

        foreach (var fault in Enum.GetValues<ConsumerFault>())
        {
            See(fault.ToString(), _cluster.Struck[(int)fault]);
        }

        See("calls in an outage", _cluster.Network.Unanswered);
        See("dead letters refused", _cluster.DeadLetters.Refused);
        foreach (var property in typeof(PartitionCounters).GetProperties())
        {
            See(property.Name, _cluster.All.SelectMany(w => w.Partitions).Sum(p => (long)property.GetValue(p.Counters)!));
        }
    }

    private void See(string what, long times = 1) => _seen[what] = _seen.GetValueOrDefault(what) + times;
}
