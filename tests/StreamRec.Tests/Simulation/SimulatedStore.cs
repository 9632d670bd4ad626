using System.Collections.Immutable;
using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>The rules that the store's scripts keep, each of which a test turns off.</summary>
internal sealed record StoreRules(bool ClaimCheck = true, bool FromCheck = true);

/// <summary>An oracle that turned red: its letter and what it saw.</summary>
internal sealed class OracleException(string oracle, string message) : Exception($"{oracle}: {message}")
{
    public string Oracle { get; } = oracle;
}

/// <summary>Redis: three scripts, each atomic, and every earlier state to roll back to.</summary>
internal sealed class SimulatedStore(SimulatedLoop loop, StoreRules rules)
{
    private readonly List<ImmutableDictionary<int, Shard>> _history = [ImmutableDictionary<int, Shard>.Empty];

    public int Writes => _history.Count - 1;

    public int Rollbacks { get; private set; }

    /// <summary>The largest n that each partition ever had, rolled back or not.</summary>
    public Dictionary<int, long> Reached { get; } = [];

    private ImmutableDictionary<int, Shard> Now => _history[^1];

    public Shard? this[int partition] => Now.GetValueOrDefault(partition);

    public ClaimAnswer Claim(int partition, Guid id, LogPosition? firstStart)
    {
        var old = Now.GetValueOrDefault(partition);
        if (old is null && firstStart is null)
        {
            return new ClaimAnswer.NoMeta();
        }

        old ??= new Shard(default, firstStart!.Value, ImmutableDictionary<string, byte[]>.Empty);
        var claim = new Claim(Math.Max(old.Claim.Number + 1, loop.NowMs), id);
        Save(partition, old with { Claim = claim });
        return new ClaimAnswer.Granted(claim, old.Next, 0);
    }

    public StatesAnswer Read(int partition, IReadOnlyList<string> users)
    {
        var shard = Now.GetValueOrDefault(partition);
        return new(shard?.Next.Offset ?? -1, [.. users.Select(u => shard?.States.GetValueOrDefault(u))]);
    }

    public StepAnswer Step(int partition, Claim claim, long from, LogPosition to, IReadOnlyList<UserWrite> writes)
    {
        if (Now.GetValueOrDefault(partition) is not { } shard || (shard.Claim != claim && rules.ClaimCheck))
        {
            return new StepAnswer.Fenced();
        }

        if (shard.Next.Offset != from && rules.FromCheck)
        {
            return new StepAnswer.Conflict(shard.Next.Offset);
        }

        // Oracle J: steps are contiguous, and each is the last claim's.
        if (shard.Claim != claim)
        {
            throw new OracleException("J", $"[{partition}] {from}→{to.Offset} was written under an old claim");
        }

        if (shard.Next.Offset != from || to.Offset < from)
        {
            throw new OracleException("J", $"[{partition}] {from}→{to.Offset} was written at {shard.Next.Offset}");
        }

        Reached[partition] = Math.Max(to.Offset, Reached.GetValueOrDefault(partition));
        if (writes.Count > 0 || to.Offset > from)
        {
            Save(partition, shard with
            {
                Next = to,
                States = shard.States.SetItems(writes.Select(w => KeyValuePair.Create(w.UserId, w.State.ToArray()))),
            });
        }

        return new StepAnswer.Applied();
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

    private void Save(int partition, Shard shard) => _history.Add(Now.SetItem(partition, shard));

    internal sealed record Shard(Claim Claim, LogPosition Next, ImmutableDictionary<string, byte[]> States);
}
