using System.Globalization;
using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>States, next offsets and, unless they live elsewhere, lists in Redis: each call is one script, and so atomic.</summary>
/// <remarks>
/// Never retries by itself, and sets no limit of its own: an answer that did not come in the caller's time is ambiguous, and
/// what follows is the caller's protocol.
/// </remarks>
/// <param name="stateTtl">How long Redis keeps an idle state; a little above the sequence's own expiry.</param>
/// <param name="lists">Where lists are published, on Redis Cluster; null: the step writes them.</param>
internal sealed class RedisStateStore(
    IDatabase redis, string prefix, TimeSpan stateTtl, IListShards? lists = null) : IStateStore
{
    /// <summary>For fault tests alone: a step also notes itself beside meta, within the same script.</summary>
    private static readonly bool s_journal = Environment.GetEnvironmentVariable("STREAMREC_TEST_JOURNAL") is { Length: > 0 };

    private readonly StoreKeys _keys = new(prefix);

    public IListShards? Lists => lists;

    public async Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition, Guid claimId, LogPosition? firstStart, CancellationToken cancel)
    {
        try
        {
            return StoreAnswers.Claim(await EvaluateAsync(StoreScripts.Claim, [_keys.Meta(partition)],
            [
                partition.Group, partition.TopicUuid, partition.PartitionCount, claimId.ToString("N"),
                firstStart is { } first ? first.Offset.ToString(CultureInfo.InvariantCulture) : "",
                firstStart?.Epoch ?? -1,
            ]), claimId);
        }
        catch (AmbiguousStoreException fault) when (StoreAnswers.Refusal(fault.InnerException) is not null)
        {
            return StoreAnswers.Refusal(fault.InnerException)!;
        }
    }

    public async Task<StatesAnswer> ReadAsync(PartitionIdentity partition, IReadOnlyList<string> users, CancellationToken cancel)
    {
        var keys = new RedisKey[users.Count + 1];
        keys[0] = _keys.Meta(partition);
        for (var i = 0; i < users.Count; i++)
        {
            keys[i + 1] = _keys.State(partition, users[i]);
        }
        return StoreAnswers.States(await EvaluateAsync(StoreScripts.Read, keys, []), users.Count);
    }

    public async Task<StepAnswer> StepAsync(
        PartitionIdentity partition, Claim claim, long from, LogPosition to, IReadOnlyList<UserWrite> writes, CancellationToken cancel)
    {
        var (script, keys, values) = lists is null ? Step(partition, writes) : StepWithDirty(partition, writes);
        values[0] = claim.Number;
        values[1] = claim.Id.ToString("N");
        values[2] = from;
        values[3] = to.Offset;
        values[4] = to.Epoch;
        values[5] = (long)stateTtl.TotalMilliseconds;
        return StoreAnswers.Step(await EvaluateAsync(s_journal ? StoreScripts.Journaled(script) : script, keys, values));
    }

    private (string Script, RedisKey[] Keys, RedisValue[] Values) Step(PartitionIdentity partition, IReadOnlyList<UserWrite> writes)
    {
        var keys = new RedisKey[1 + 2 * writes.Count];
        var values = new RedisValue[6 + 2 * writes.Count];
        keys[0] = _keys.Meta(partition);
        for (var i = 0; i < writes.Count; i++)
        {
            keys[2 * i + 1] = _keys.State(partition, writes[i].UserId);
            keys[2 * i + 2] = _keys.List(writes[i].UserId);
            values[2 * i + 6] = writes[i].State;
            values[2 * i + 7] = writes[i].List;
        }
        return (StoreScripts.Step, keys, values);
    }

    private (string Script, RedisKey[] Keys, RedisValue[] Values) StepWithDirty(
        PartitionIdentity partition, IReadOnlyList<UserWrite> writes)
    {
        var keys = new RedisKey[2 + writes.Count];
        var values = new RedisValue[6 + 3 * writes.Count];
        keys[0] = _keys.Meta(partition);
        keys[1] = _keys.Dirty(partition);
        for (var i = 0; i < writes.Count; i++)
        {
            keys[i + 2] = _keys.State(partition, writes[i].UserId);
            values[3 * i + 6] = writes[i].State;
            values[3 * i + 7] = writes[i].UserId;
            values[3 * i + 8] = writes[i].List.IsEmpty ? "" : ClusterLists.Text(writes[i].Version);
        }
        return (ClusterScripts.Step, keys, values);
    }

    // The client takes no token; who waits for the answer gives up by the caller's.
    private async Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(script, keys, values);
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            throw new AmbiguousStoreException($"Redis did not answer: {fault.Message}", fault);
        }
    }
}
