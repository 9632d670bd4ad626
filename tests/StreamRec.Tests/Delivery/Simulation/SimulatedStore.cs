using System.Collections.Immutable;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Exhaustive;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>The rules that the store's scripts keep, each of which a test turns off.</summary>
internal sealed record StoreRules(bool ClaimCheck = true, bool FromCheck = true)
{
    /// <summary>A claim under other settings than the states' is refused.</summary>
    public bool SettingsCheck { get; init; } = true;

    /// <summary>A step names the number of steps before it.</summary>
    public bool SeqCheck { get; init; } = true;

    /// <summary>A step that writes is counted.</summary>
    public bool SeqRaised { get; init; } = true;

    /// <summary>A step of a smaller promotion than the partition is sealed for writes nothing.</summary>
    public bool SealCheck { get; init; } = true;

    /// <summary>A seal that was overtaken by a later one changes nothing.</summary>
    public bool SealOnlyRaises { get; init; } = true;

    /// <summary>Nor does any seal change the number of steps.</summary>
    public bool SealLeavesSeq { get; init; } = true;

    /// <summary>A partition that nobody has claimed is sealed as well.</summary>
    public bool SealsUnclaimed { get; init; } = true;

    /// <summary>A claim of a smaller promotion than the partition is sealed for is refused, and told which.</summary>
    public bool ClaimCheckOfPromotion { get; init; } = true;

    /// <summary>Users whose lists are of a smaller promotion stay dirty.</summary>
    public bool ClearCheckOfPromotion { get; init; } = true;

    /// <summary>A dirty entry is cleared only while it is the one that was published.</summary>
    public bool DirtyHasVersion { get; init; } = true;

    /// <summary>A list is published only when replicas have it.</summary>
    public bool WaitForReplicas { get; init; } = true;

    /// <summary>Lists are compared by the offset that they include.</summary>
    public bool CompareOffset { get; init; } = true;

    /// <summary>Lists of one offset are compared by the promotion of their models.</summary>
    public bool ComparePromotion { get; init; } = true;

    /// <summary>And by it first, then by claim.</summary>
    public bool PromotionBeforeClaim { get; init; } = true;

    /// <summary>Lists of one offset are compared by claim.</summary>
    public bool CompareClaim { get; init; } = true;

    /// <summary>A refusal writes the value found again, so that a wait behind it covers that value.</summary>
    public bool RefusalRewrites { get; init; } = true;
}

/// <summary>An oracle that turned red: its letter and what it saw.</summary>
internal sealed class OracleException(string oracle, string message) : Exception($"{oracle}: {message}")
{
    public string Oracle { get; } = oracle;
}

/// <summary>Redis: three scripts, each atomic, and every earlier state to roll back to.</summary>
/// <param name="listsElsewhere">Lists are on <see cref="SimulatedLists"/>; a step marks their users dirty.</param>
internal sealed class SimulatedStore(SimulatedLoop loop, StoreRules rules, bool listsElsewhere)
{
    private static readonly StorePlace s_noPlace = new(-1, -1);

    private readonly List<ImmutableDictionary<int, Shard>> _history = [ImmutableDictionary<int, Shard>.Empty];

    public int Rollbacks { get; private set; }

    /// <summary>The largest n that each partition ever had, rolled back or not.</summary>
    public Dictionary<int, long> Reached { get; } = [];

    private ImmutableDictionary<int, Shard> Now => _history[^1];

    public Shard? this[int partition] => Now.GetValueOrDefault(partition);

    public ClaimAnswer Claim(
        PartitionIdentity identity,
        Guid id,
        LogPosition? firstStart,
        string settings,
        long promotion
    )
    {
        var old = this[identity.Partition];
        if (old is null && firstStart is null)
        {
            return new ClaimAnswer.NoMeta();
        }
        old ??= new Shard(identity.Group, settings, default, firstStart!.Value);
        if (old.Group != identity.Group)
        {
            return new ClaimAnswer.Mismatch(MetaField.Group, old.Group, identity.Group);
        }
        if (old.Settings != settings && rules.SettingsCheck)
        {
            return new ClaimAnswer.Mismatch(MetaField.Settings, old.Settings, settings);
        }
        if (promotion < old.Promotion && rules.ClaimCheckOfPromotion)
        {
            return new ClaimAnswer.Outdated(old.Promotion);
        }
        if (promotion < old.Sealed)
        {
            throw new OracleException("L", $"a model of {promotion} took a partition sealed for {old.Sealed}");
        }
        var claim = new Claim(Math.Max(old.Claim.Number + 1, loop.NowMs), id);
        Save(identity.Partition, old with { Claim = claim, Promotion = Math.Max(old.Promotion, promotion) });
        return new ClaimAnswer.Granted(claim, old.Next, 0, old.Seq);
    }

    public StatesAnswer Read(int partition, IReadOnlyList<string> users)
    {
        var shard = this[partition];
        return new(shard?.Place ?? s_noPlace, [.. users.Select(u => shard?.States.GetValueOrDefault(u))]);
    }

    /// <summary>The largest promotion that a partition was sealed for, whatever the script made of it.</summary>
    public long SealOf(int partition) => this[partition]?.Sealed ?? 0;

    /// <summary>Seals a partition; false where there is no meta.</summary>
    public bool Seal(int partition, long promotion)
    {
        if (this[partition] is not { } shard)
        {
            return false;
        }
        Save(
            partition,
            shard with
            {
                Promotion = rules.SealOnlyRaises ? Math.Max(shard.Promotion, promotion) : promotion,
                Seq = shard.Seq + (rules.SealLeavesSeq ? 0 : 1),
                Sealed = Math.Max(shard.Sealed, promotion),
                SealedAt = promotion > shard.Sealed ? shard.Next.Offset : shard.SealedAt,
            }
        );
        return true;
    }

    /// <param name="promotion">What the step names.</param>
    public StepAnswer Step(
        int partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        long promotion
    )
    {
        if (this[partition] is not { } shard || (shard.Claim != claim && rules.ClaimCheck))
        {
            return new StepAnswer.Fenced();
        }
        if (
            (shard.Next.Offset != from.Offset && rules.FromCheck)
            || (shard.Seq != from.Seq && rules is { SeqCheck: true, FromCheck: true })
        )
        {
            return new StepAnswer.Conflict(shard.Place);
        }
        if (writes.Count > 0 && promotion < shard.Promotion && rules.SealCheck)
        {
            return new StepAnswer.Outdated(shard.Promotion);
        }
        // Oracle M: what a seal withdrew is written no more.
        if (writes.Any(write => write.Promotion < shard.Sealed))
        {
            throw new OracleException(
                "M",
                $"[{partition}] lists of promotion {writes[0].Promotion} were written after the seal of {shard.Sealed}"
            );
        }
        // Oracle J: steps are contiguous, and each is the last claim's.
        if (shard.Claim != claim)
        {
            throw new OracleException("J", $"[{partition}] {from.Offset}→{to.Offset} was written under an old claim");
        }
        if (shard.Next.Offset != from.Offset || to.Offset < from.Offset)
        {
            throw new OracleException(
                "J",
                $"[{partition}] {from.Offset}→{to.Offset} was written at {shard.Next.Offset}"
            );
        }
        Reached[partition] = Math.Max(to.Offset, Reached.GetValueOrDefault(partition));
        if (writes.Count > 0 || to.Offset > from.Offset)
        {
            shard = shard with { Seq = shard.Seq + (rules.SeqRaised ? 1 : 0) };
            Save(
                partition,
                shard with
                {
                    Next = to,
                    States = shard.States.SetItems(
                        writes.Select(w => KeyValuePair.Create(w.UserId, w.State.ToArray()))
                    ),
                    Dirty = listsElsewhere
                        ? shard.Dirty.SetItems(writes.Select(w => KeyValuePair.Create(w.UserId, w.Version)))
                        : shard.Dirty,
                }
            );
        }
        return new StepAnswer.Applied(shard.Seq, writes.Count == 0 ? shard.Promotion : 0);
    }

    public DirtyAnswer ReadDirty(int partition, int most)
    {
        var shard = this[partition];
        DirtyUser[] users =
        [
            .. (shard?.Dirty ?? [])
                .OrderBy(_ => loop.Random.Next())
                .Take(most)
                .Select(d => new DirtyUser(d.Key, d.Value)),
        ];
        return new(shard?.Place ?? s_noPlace, users, [.. users.Select(u => shard!.States.GetValueOrDefault(u.UserId))]);
    }

    public ClearAnswer ClearDirty(int partition, Claim claim, long promotion, IReadOnlyList<DirtyUser> published)
    {
        if (this[partition] is not { } shard || shard.Claim != claim)
        {
            return ClearAnswer.Fenced;
        }
        if (promotion < shard.Promotion && rules.ClearCheckOfPromotion)
        {
            return ClearAnswer.Outdated;
        }
        Save(
            partition,
            shard with
            {
                Dirty = shard.Dirty.RemoveRange(
                    published
                        .Where(u =>
                            !rules.DirtyHasVersion || (shard.Dirty.TryGetValue(u.UserId, out var v) && v == u.Version)
                        )
                        .Select(u => u.UserId)
                ),
            }
        );
        return ClearAnswer.Cleared;
    }

    /// <summary>A failover to a replica that lags by the given writes, yet knows every partition.</summary>
    public bool Rollback(int writes)
    {
        var target = Math.Max(0, _history.Count - 1 - writes);
        while (target < _history.Count - 1 && _history[target].Count < Now.Count)
        {
            target++;
        }
        if (target == _history.Count - 1)
        {
            return false;
        }
        _history.RemoveRange(target + 1, _history.Count - 1 - target);
        Rollbacks++;
        return true;
    }

    /// <summary>An operator's mistake: all is gone.</summary>
    public void Empty()
    {
        _history.Clear();
        _history.Add(ImmutableDictionary<int, Shard>.Empty);
    }

    private void Save(int partition, Shard shard) => _history.Add(Now.SetItem(partition, shard));

    internal sealed record Shard(string Group, string Settings, Claim Claim, LogPosition Next)
    {
        public long Seq { get; init; }

        /// <summary>What the scripts look at; and the seal as it was asked for, with the n of that moment.</summary>
        public long Promotion { get; init; }
        public long Sealed { get; init; }
        public long SealedAt { get; init; }

        public StorePlace Place => new(Next.Offset, Seq);

        public ImmutableDictionary<string, byte[]> States { get; init; } = ImmutableDictionary<string, byte[]>.Empty;
        public ImmutableDictionary<string, StateVersion> Dirty { get; init; } =
            ImmutableDictionary<string, StateVersion>.Empty;
    }
}
