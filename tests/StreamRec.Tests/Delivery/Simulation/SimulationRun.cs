using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Tests.Delivery.Dialogues;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>One seed: 200 events, faults, rebalances, and the oracles at its end.</summary>
internal sealed class SimulationRun
{
    public const int Faults = 6;

    private const int Events = 200;
    private const int BusyMs = 6000;
    private const int FaultyMs = 8000;
    private const int LimitMs = 90_000;

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedFaults _faults;
    private readonly SimulationOracles _oracles;
    private readonly Dictionary<string, long> _seen;
    private readonly int _skip;

    /// <param name="seen">What was seen to happen is counted here.</param>
    /// <param name="skip">Bit i: without fault i.</param>
    /// <param name="tell">Takes a line for each thing that a worker is told and decides.</param>
    /// <param name="linger">How long batches wait for records; null: by the seed.</param>
    public SimulationRun(
        int seed,
        SimulatedRules rules,
        Dictionary<string, long> seen,
        int skip = 0,
        Action<string>? tell = null,
        TimeSpan? linger = null
    )
    {
        (_seen, _skip) = (seen, skip);
        _cluster = new(
            seed,
            rules,
            (place, input, decisions) =>
            {
                See($"input {input.Kind}");
                foreach (var decision in decisions)
                {
                    See($"decision {decision.Kind}");
                    if (decision.Kind == PartitionDecisionKind.Halt)
                    {
                        See($"halt {decision.Reason}");
                    }
                }
                tell?.Invoke($"{_cluster!.Loop.NowMs} {place} {Dialogue.Line(input, decisions)}");
            },
            linger
        );
        (_faults, _oracles) = (new(_cluster, See), new(_cluster));
    }

    /// <summary>Runs the seed; throws <see cref="OracleException"/> where an oracle turns red.</summary>
    public void Run()
    {
        var loop = _cluster.Loop;
        Schedule(loop);
        loop.RunUntil(FaultyMs, () => false);
        if (!loop.RunUntil(LimitMs, _oracles.AtRest))
        {
            throw new OracleException("L", "the lag did not return to 0: " + _oracles.Describe());
        }
        _oracles.Check();

        // What is still on its way arrives now, and must change nothing.
        loop.RunUntil(loop.NowMs + 4000, () => false);
        if (!loop.RunUntil(loop.NowMs + 10_000, _oracles.AtRest))
        {
            throw new OracleException("L", "late calls disturbed the rest: " + _oracles.Describe());
        }
        _oracles.Check();
        Count();
    }

    private void Schedule(SimulatedLoop loop)
    {
        var producers = new SimulatedProducers(loop);
        var left = Events;
        while (left > 0)
        {
            var burst = Math.Min(left, loop.Random.Next(1, 12));
            left -= burst;
            loop.After(loop.Random.Next(BusyMs), () => Produce(producers, burst));
        }
        for (var i = 0; i < Faults; i++)
        {
            var (at, strike) = (loop.Random.Next(200, FaultyMs), (_skip >> i & 1) == 0);
            if (strike)
            {
                loop.After(at, _faults.Strike);
            }
        }
        _cluster.Registry.Schedule(FaultyMs);
        for (var i = loop.Random.Next(1, 4); i > 0; i--)
        {
            loop.After(loop.Random.Next(200, FaultyMs), _cluster.Rebalance);
        }
    }

    private void Produce(SimulatedProducers producers, int burst)
    {
        var partition = _cluster.Loop.Random.Next(SimulatedCluster.PartitionCount);
        var log = _cluster.Logs[partition];
        for (; burst > 0; burst--)
        {
            producers.Produce(log, partition);
            if (partition > 1 && _cluster.Loop.Chance(0.1))
            {
                log.AppendHole();
            }
        }
    }

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
        See("computed on the loop", _cluster.Computed[0]);
        See("computed beside it", _cluster.Computed[1]);
        See("given up while it was computed", _cluster.GivenUp);
        See("calls in an outage", _cluster.Network.Unanswered);
        See("dead letters refused", _cluster.DeadLetters.Refused);
        See("promoted", _cluster.Registry.Newest);
        See("seals overtaken", _cluster.Registry.Overtaken);
        See("the pointer fell back", _cluster.Registry.Fallen);
        See("lists refused", _cluster.Lists?.Refused ?? 0);
        See("lists lost by a failover", _cluster.Lists?.Lost ?? 0);
        foreach (var property in typeof(PartitionCounters).GetProperties().Where(p => p.PropertyType == typeof(long)))
        {
            See(
                property.Name,
                _cluster.All.SelectMany(w => w.Partitions).Sum(p => (long)property.GetValue(p.Counters)!)
            );
        }
    }

    private void See(string what, long times = 1) => _seen[what] = _seen.GetValueOrDefault(what) + times;

    private void See(string what) => See(what, 1);
}
