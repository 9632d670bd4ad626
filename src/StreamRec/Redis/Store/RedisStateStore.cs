using System.Globalization;
using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Client;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;

namespace StreamRec.Redis.Store;

/// <summary>
/// States, next offsets and, unless they live elsewhere, lists in Redis: each call is one script, and so atomic.
/// </summary>
/// <remarks>
/// Never retries by itself, and sets no limit of its own: an answer that did not come in the caller's time is
/// ambiguous, and what follows is the caller's protocol.
/// </remarks>
/// <param name="stateTtl">How long Redis keeps an idle state; a little above the sequence's own expiry.</param>
/// <param name="lists">Where lists are published, on Redis Cluster; null: the step writes them.</param>
/// <param name="settings">What shapes a state: a partition folded under another text is not claimed.</param>
/// <param name="partitioner">How the worker expects keys to be partitioned: told to who publishes.</param>
internal sealed class RedisStateStore(
    IDatabase redis,
    string prefix,
    TimeSpan stateTtl,
    HashedText settings,
    IListShards? lists = null,
    string partitioner = EventPartitioners.Murmur2Name
) : IStateStore
{
    /// <summary>For fault tests alone: a step also notes itself beside meta, within the same script.</summary>
    private static readonly bool s_journal =
        Environment.GetEnvironmentVariable("STREAMREC_TEST_JOURNAL") is { Length: > 0 };

    private readonly StoreKeys _keys = new(prefix);

    public IListShards? Lists => lists;

    public async Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        long promotion,
        CancellationToken cancel
    )
    {
        try
        {
            var call = ScriptCall.Of(keys: 1, values: 9);
            call.Keys[0] = _keys.Meta(partition);
            call.Values[0] = partition.Group;
            call.Values[1] = partition.TopicUuid;
            call.Values[2] = partition.PartitionCount;
            call.Values[3] = claimId.ToString("N");
            call.Values[4] = firstStart is { } first ? first.Offset.ToString(CultureInfo.InvariantCulture) : "";
            call.Values[5] = firstStart?.Epoch ?? -1;
            call.Values[6] = partitioner;
            call.Values[7] = settings.Hash;
            call.Values[8] = promotion;
            var answer = StoreAnswers.Claim(await call.EvaluateAsync(redis, StoreScripts.Claim), claimId);
            return answer is ClaimAnswer.Mismatch { Field: MetaField.Settings } other
                ? await TextsAsync(other)
                : answer;
        }
        catch (AmbiguousStoreException fault) when (StoreAnswers.Refusal(fault.InnerException) is not null)
        {
            return StoreAnswers.Refusal(fault.InnerException)!;
        }
    }

    public async Task<StatesAnswer> ReadAsync(
        PartitionIdentity partition,
        IReadOnlyList<string> users,
        CancellationToken cancel
    )
    {
        var call = ScriptCall.Of(users.Count + 1, values: 0);
        call.Keys[0] = _keys.Meta(partition);
        for (var i = 0; i < users.Count; i++)
        {
            call.Keys[i + 1] = _keys.State(partition, users[i]);
        }
        return StoreAnswers.States(await call.EvaluateAsync(redis, StoreScripts.Read), users.Count);
    }

    public async Task<StepAnswer> StepAsync(
        PartitionIdentity partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        CancellationToken cancel
    )
    {
        var (script, call) = lists is null
            ? (StoreScripts.Step, Step(partition, writes))
            : (ClusterScripts.Step, StepWithDirty(partition, writes));
        call.Values[0] = claim.Number;
        call.Values[1] = claim.Id.ToString("N");
        call.Values[2] = from.Offset;
        call.Values[3] = to.Offset;
        call.Values[4] = to.Epoch;
        call.Values[5] = (long)stateTtl.TotalMilliseconds;
        call.Values[6] = from.Seq;
        call.Values[7] = writes.Count > 0 ? writes[0].Promotion : 0;
        return StoreAnswers.Step(await call.EvaluateAsync(redis, s_journal ? StoreScripts.Journaled(script) : script));
    }

    // Hashes tell people nothing.
    private async Task<ClaimAnswer.Mismatch> TextsAsync(ClaimAnswer.Mismatch other)
    {
        try
        {
            string? stored = await redis.StringGetAsync(_keys.Settings(other.Stored));
            return other with { Stored = stored ?? other.Stored, Asked = settings.Text };
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return other with { Asked = settings.Text };
        }
    }

    private ScriptCall Step(PartitionIdentity partition, IReadOnlyList<UserWrite> writes)
    {
        var call = ScriptCall.Of(1 + 2 * writes.Count, 8 + 2 * writes.Count);
        var (keys, values) = (call.Keys, call.Values);
        keys[0] = _keys.Meta(partition);
        for (var i = 0; i < writes.Count; i++)
        {
            keys[2 * i + 1] = _keys.State(partition, writes[i].UserId);
            keys[2 * i + 2] = _keys.List(writes[i].UserId);
            values[2 * i + 8] = writes[i].State;
            values[2 * i + 9] = writes[i].List;
        }
        return call;
    }

    private ScriptCall StepWithDirty(PartitionIdentity partition, IReadOnlyList<UserWrite> writes)
    {
        var call = ScriptCall.Of(2 + writes.Count, 8 + 3 * writes.Count);
        var (keys, values) = (call.Keys, call.Values);
        keys[0] = _keys.Meta(partition);
        keys[1] = _keys.Dirty(partition);
        for (var i = 0; i < writes.Count; i++)
        {
            keys[i + 2] = _keys.State(partition, writes[i].UserId);
            values[3 * i + 8] = writes[i].State;
            values[3 * i + 9] = writes[i].UserId;
            values[3 * i + 10] = writes[i].List.IsEmpty ? "" : ClusterLists.Text(writes[i].Version);
        }
        return call;
    }
}
