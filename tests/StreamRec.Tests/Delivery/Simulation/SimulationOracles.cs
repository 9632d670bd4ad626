using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>What must hold at the end of a seed: oracles S, K and L. (J stands in the store, O in the run.)</summary>
internal sealed class SimulationOracles(SimulatedCluster cluster)
{
    /// <summary>
    /// Oracles L and K: all is processed, Kafka says so too, every list is published, and who owns nothing is at rest.
    /// </summary>
    public bool AtRest() => Enumerable.Range(0, SimulatedCluster.PartitionCount).All(AtRest);

    /// <summary>
    /// Oracle S: a fold of the log that shares no sequence code with the worker; and what cannot be used is kept.
    /// </summary>
    public void Check()
    {
        for (var p = 0; p < SimulatedCluster.PartitionCount; p++)
        {
            if (cluster.Store[p] is { } shard)
            {
                Check(p, shard);
            }
        }
    }

    public string Describe() =>
        string.Join(
            "; ",
            Enumerable
                .Range(0, SimulatedCluster.PartitionCount)
                .Select(p =>
                    $"[{p}] log {cluster.Logs[p].Start}–{cluster.Logs[p].End} n {cluster.Store[p]?.Next.Offset} "
                    + $"committed {cluster.Committed[p]} dirty {cluster.Store[p]?.Dirty.Count} "
                    + string.Join(
                        ' ',
                        cluster.Workers.Select(w =>
                            $"{w.Name}{(cluster.Owners[p] == w ? "*" : "")} {w.Partitions[p].Phase} "
                            + $"{w.Partitions[p].NextOffset}"
                        )
                    )
                )
        );

    private bool AtRest(int p)
    {
        if (
            cluster.Workers.Any(w =>
                w != cluster.Owners[p]
                && w.Partitions[p].Phase is not (PartitionPhase.Released or PartitionPhase.Halted)
            )
        )
        {
            return false;
        }
        if (cluster.Owners[p]?.Partitions[p].Phase == PartitionPhase.Halted)
        {
            return true;
        }
        var end = cluster.Logs[p].End;
        return cluster.Owners[p]?.Partitions[p].Phase == PartitionPhase.Ready
            && cluster.Store[p] is { } shard
            && shard.Next.Offset == end
            && shard.Dirty.IsEmpty
            && (cluster.Committed[p] == end || end == 0);
    }

    private void Check(int p, SimulatedStore.Shard shard)
    {
        var states = shard.States.ToDictionary(s => s.Key, s => SimulatedState.Read(s.Value));
        var applied = states.Values.SelectMany(s => s.Offsets).ToHashSet();
        var (fold, missing) = Fold(p, shard, applied);
        foreach (var user in fold.Users.Union(states.Keys))
        {
            var actual = states.GetValueOrDefault(user)?.ToString();
            if (fold[user] != actual)
            {
                throw new OracleException("S", $"{user} is {actual}, not {fold[user]}");
            }
            CheckList(p, user, shard);
        }
        var lost = cluster.All.Sum(w => w.Partitions[p].Counters.LostOffsets);
        if (missing > lost && !cluster.Emptied)
        {
            throw new OracleException("S", $"{missing} records of [{p}] are missing, {lost} are counted as lost");
        }
        var kept = cluster.DeadLetters.Kept.Where(k => k.Partition == p).Select(k => k.Offset).ToHashSet();
        if (!fold.DeadLetters.IsSubsetOf(kept))
        {
            throw new OracleException(
                "S",
                $"[{p}] {string.Join(',', fold.DeadLetters.Except(kept))} are not in the dead letters"
            );
        }
    }

    // What retention took may be in a state or not; all else that stands below n must be.
    private (ReferenceFold Fold, int Missing) Fold(int p, SimulatedStore.Shard shard, HashSet<long> applied)
    {
        var log = cluster.Logs[p];
        var forked = log.Cut is { } cut && !log.Has(shard.Next) ? cut.Before : null;
        var fold = new ReferenceFold();
        var missing = 0;
        foreach (var record in (forked?.OfType<LogRecord>() ?? log.Records).Where(r => r.Offset < shard.Next.Offset))
        {
            if (record.Offset >= log.Start || applied.Contains(record.Offset))
            {
                fold.Add(record);
            }
            else
            {
                missing += SimulatedEvent.Of(record).Poison ? 0 : 1;
            }
        }
        return (fold, missing);
    }

    private void CheckList(int p, string user, SimulatedStore.Shard shard)
    {
        // On one store a step writes both. Elsewhere a list is its state's, unless it is dirty.
        if (
            cluster.Lists is not { } lists
            || shard.Dirty.ContainsKey(user)
            || IsOf(user, lists[user], shard)
            || MayBeAhead(p, lists[user]?.Version.Offset ?? -1)
        )
        {
            return;
        }
        throw new OracleException(
            "S",
            $"the list of {user} is at {lists[user]?.Version}, its state is {SimulatedState.Read(shard.States[user])}"
        );
    }

    // Oracle M as well: it names the model that made it, and is none that a seal withdrew; of events since the seal it
    // is of a model from that promotion on.
    private static bool IsOf(string user, SimulatedList? list, SimulatedStore.Shard shard) =>
        list is { } there
        && there.Text.AsSpan().SequenceEqual(SimulatedProcessor.List(shard.States[user], there.Version.Promotion))
        && (there.Version.Promotion >= shard.Sealed || (!there.Belated && there.Version.Offset < shard.SealedAt));

    // A rollback of the states leaves a later list, until a replay catches up: which a halt, a fork of the log or
    // retention prevents.
    private bool MayBeAhead(int p, long offset) =>
        cluster.Logs[p].Cut is not null
        || cluster.Owners[p]?.Partitions[p].Phase == PartitionPhase.Halted
        || (offset >= 0 && offset < cluster.Logs[p].Start && cluster.Store.Rollbacks > 0);
}
