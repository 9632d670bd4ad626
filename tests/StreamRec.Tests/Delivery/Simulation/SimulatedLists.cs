using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>Which list may replace which.</summary>
internal readonly record struct ListVersion(int Generation, int Epoch, long Offset, long Promotion, long Claim)
    : IComparable<ListVersion>
{
    public int CompareTo(ListVersion other) =>
        (Generation, Epoch, Offset, Promotion, Claim).CompareTo(
            (other.Generation, other.Epoch, other.Offset, other.Promotion, other.Claim)
        );
}

/// <summary>A list on its shard.</summary>
internal readonly record struct SimulatedList(ListVersion Version, byte[] Text)
{
    /// <summary>It was written when its partition was sealed for a later promotion already.</summary>
    public bool Belated { get; init; }
}

/// <summary>
/// The shards of lists: each with a replica that holds a prefix of what was written, and takes over alone.
/// </summary>
internal sealed class SimulatedLists(SimulatedLoop loop, StoreRules rules)
{
    public const int ShardCount = 3;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];

    /// <summary>Virtual time until which no replica acknowledges anything.</summary>
    public long ReplicasStopUntilMs { get; set; }

    /// <summary>Lists refused because the one there was newer.</summary>
    public int Refused { get; private set; }

    /// <summary>Lists that a failover took back to an older one, or to none.</summary>
    public int Lost { get; private set; }

    public SimulatedList? this[string user] =>
        _shards[ShardOf(user)].Lists.TryGetValue(user, out var list) ? list : null;

    public static int ShardOf(string user) => (user[1] + user[3]) % ShardCount;

    /// <summary>The script. Returns what a wait on the same connection waits for.</summary>
    public (int Term, int Written) Write(string user, SimulatedList list)
    {
        var shard = _shards[ShardOf(user)];
        var found = shard.Lists.TryGetValue(user, out var there);
        if (found && !Replaces(list.Version, there.Version))
        {
            Refused++;
            if (!rules.RefusalRewrites)
            {
                return (shard.Term, 0);
            }
            list = there;
        }
        else if (found && list.Version.CompareTo(there.Version) < 0)
        {
            throw new OracleException(
                "S",
                $"the list of {user} at {there.Version} was overwritten by the one at {list.Version}"
            );
        }
        // The same once more is no news.
        list = found && list.Version == there.Version ? there : list;
        shard.Lists[user] = list;
        shard.Written.Add((user, list));
        Replicate(shard, shard.Written.Count, shard.Term);
        return (shard.Term, shard.Written.Count);
    }

    /// <summary>Whether the replica has what was written before; false from a failover on.</summary>
    public bool IsSafe(string user, (int Term, int Written) write)
    {
        var shard = _shards[ShardOf(user)];
        return !rules.WaitForReplicas || (shard.Term == write.Term && shard.Replicated >= write.Written);
    }

    /// <summary>A shard's replica takes over, with what it has.</summary>
    public void FailOver(int index)
    {
        var shard = _shards[index];
        shard.Term++;
        Lost += shard.Written.Count - shard.Replicated;
        shard.Written.RemoveRange(shard.Replicated, shard.Written.Count - shard.Replicated);
        shard.Lists.Clear();
        foreach (var (user, list) in shard.Written)
        {
            shard.Lists[user] = list;
        }
    }

    private bool Replaces(ListVersion version, ListVersion there)
    {
        if ((version.Generation, version.Epoch) != (there.Generation, there.Epoch))
        {
            return (version.Generation, version.Epoch).CompareTo((there.Generation, there.Epoch)) > 0;
        }
        if (version.Offset != there.Offset && rules.CompareOffset)
        {
            return version.Offset > there.Offset;
        }
        var byPromotion = rules.ComparePromotion ? version.Promotion.CompareTo(there.Promotion) : 0;
        var byClaim = rules.CompareClaim ? version.Claim.CompareTo(there.Claim) : 0;
        return (rules.PromotionBeforeClaim ? (byPromotion, byClaim) : (byClaim, byPromotion)).CompareTo((0, 0)) >= 0;
    }

    private void Replicate(Shard shard, int written, int term) =>
        loop.After(
            loop.Random.Next(1, 40),
            () =>
            {
                if (shard.Term == term && loop.NowMs < ReplicasStopUntilMs)
                {
                    Replicate(shard, written, term);
                }
                else if (shard.Term == term)
                {
                    shard.Replicated = Math.Max(shard.Replicated, written);
                }
            }
        );

    private sealed class Shard
    {
        public Dictionary<string, SimulatedList> Lists { get; } = [];
        public List<(string User, SimulatedList List)> Written { get; } = [];
        public int Replicated { get; set; }
        public int Term { get; set; }
    }
}
