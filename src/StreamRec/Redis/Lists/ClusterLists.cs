using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Lists;

/// <summary>Lists on Redis Cluster, where they live in other slots than their states.</summary>
/// <param name="states">The connections that states are read and written on: dirty users stand in their slots.</param>
/// <param name="publishing">Connections of their own for lists, since a WAIT holds up all that is behind it.</param>
/// <param name="replicas">How many replicas must have a list before it counts as safe; 0 for shards without
/// replicas.</param>
/// <param name="timeout">How long an answer may take before the call counts as ambiguous.</param>
internal sealed class ClusterLists(
    IDatabase states,
    IConnectionMultiplexer publishing,
    string prefix,
    int replicas,
    TimeSpan timeout
) : IListShards
{
    private const int WaitMs = 500;

    /// <summary>On a shard whose replicas did not answer the last time.</summary>
    private const int ShortWaitMs = 5;

    private readonly StoreKeys _keys = new(prefix);
    private long _superseded;
    private readonly ConcurrentDictionary<EndPoint, bool> _lagging = new();

    /// <summary>
    /// Lists that were not written because a newer one is there, another worker's or from before a rollback of the
    /// states. They count as safe all the same: a reader has what is newer, and that was waited for.
    /// </summary>
    public long Superseded => Interlocked.Read(ref _superseded);

    public async Task<DirtyAnswer> ReadDirtyAsync(PartitionIdentity partition, int most, CancellationToken cancel)
    {
        try
        {
            var users = Array.ConvertAll(
                await states.HashRandomFieldsAsync(_keys.Dirty(partition), most).WaitAsync(timeout, cancel),
                user => (string)user!
            );
            RedisKey[] keys =
            [
                _keys.Meta(partition),
                _keys.Dirty(partition),
                .. users.Select(user => _keys.State(partition, user)),
            ];
            var answer = (RedisResult[])
                (
                    await states
                        .ScriptEvaluateAsync(
                            ClusterScripts.ReadDirty,
                            keys,
                            Array.ConvertAll(users, user => (RedisValue)user)
                        )
                        .WaitAsync(timeout, cancel)
                )!;
            var dirty = new List<DirtyUser>(users.Length);
            var found = new List<byte[]?>(users.Length);
            for (var i = 0; i < users.Length; i++)
            {
                // Cleared between the two calls, where there is no version.
                if (!answer[2 * i + 2].IsNull)
                {
                    dirty.Add(new(users[i], Version((string)answer[2 * i + 2]!)));
                    found.Add((byte[]?)answer[2 * i + 3]);
                }
            }
            return new(new StorePlace(answer[0].IsNull ? -1 : (long)answer[0], (long)answer[1]), dirty, found);
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            throw StoreFault.Of(fault);
        }
    }

    public async Task<IReadOnlyList<bool>> PublishAsync(
        PartitionIdentity partition,
        Claim claim,
        int generation,
        IReadOnlyList<UserWrite> lists,
        CancellationToken cancel
    )
    {
        var safe = new bool[lists.Count];
        var shards = new Dictionary<EndPoint, (IServer Server, List<int> Lists)>();
        for (var i = 0; i < lists.Count; i++)
        {
            try
            {
                var server = publishing.GetServer(_keys.List(lists[i].UserId), flags: CommandFlags.DemandMaster);
                if (!shards.TryGetValue(server.EndPoint, out var shard))
                {
                    shards[server.EndPoint] = shard = (server, []);
                }
                shard.Lists.Add(i);
            }
            catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
            {
                // No master holds the slot now: the user stays dirty.
            }
        }
        await Task.WhenAll(
            shards.Values.Select(async shard =>
            {
                var written = await PublishAsync(
                    shard.Server,
                    claim,
                    generation,
                    [.. shard.Lists.Select(i => lists[i])],
                    cancel
                );
                for (var i = 0; i < written.Length; i++)
                {
                    safe[shard.Lists[i]] = written[i];
                }
            })
        );
        return safe;
    }

    public async Task<ClearAnswer> ClearDirtyAsync(
        PartitionIdentity partition,
        Claim claim,
        long promotion,
        IReadOnlyList<DirtyUser> published,
        CancellationToken cancel
    )
    {
        RedisValue[] values =
        [
            claim.Number,
            claim.Id.ToString("N"),
            promotion,
            .. published.SelectMany(user => new RedisValue[] { user.UserId, Text(user.Version) }),
        ];
        try
        {
            var answer = await states
                .ScriptEvaluateAsync(ClusterScripts.ClearDirty, [_keys.Meta(partition), _keys.Dirty(partition)], values)
                .WaitAsync(timeout, cancel);
            return (int)answer switch
            {
                1 => ClearAnswer.Cleared,
                2 => ClearAnswer.Outdated,
                _ => ClearAnswer.Fenced,
            };
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            throw StoreFault.Of(fault);
        }
    }

    /// <summary>A version as the dirty hash holds it.</summary>
    internal static string Text(in StateVersion version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version.Epoch}:{version.Offset}");

    private static StateVersion Version(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(
            int.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture),
            long.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture)
        );
    }

    // All at once on one connection: who am I, the lists, WAIT, who am I. WAIT knows only of its own connection's
    // writes, so what was written on another one is not safe, whatever it answers.
    private async Task<bool[]> PublishAsync(
        IServer server,
        Claim claim,
        int generation,
        UserWrite[] lists,
        CancellationToken cancel
    )
    {
        var before = server.ConnectionAsync();
        var writes = Array.ConvertAll(
            lists,
            list =>
                server.SendAsync(
                    "EVAL",
                    ClusterScripts.Publish,
                    1,
                    _keys.List(list.UserId),
                    generation,
                    list.Version.Epoch,
                    list.Version.Offset,
                    list.Promotion,
                    claim.Number,
                    list.List
                )
        );
        var lagging = _lagging.ContainsKey(server.EndPoint);
        var wait = replicas == 0 ? null : server.SendAsync("WAIT", replicas, lagging ? ShortWaitMs : WaitMs);
        var after = server.ConnectionAsync();
        Task[] answers = [before, .. writes, after];
        await AnsweredAsync(wait is null ? answers : [.. answers, wait], cancel);
        var reached = wait is null || (Succeeded(wait) && (long)wait.Result >= replicas);
        Note(server.EndPoint, reached);
        Interlocked.Add(ref _superseded, writes.Count(write => Succeeded(write) && (int)write.Result == 0));
        var same = Succeeded(before) && Succeeded(after) && before.Result == after.Result;
        return Array.ConvertAll(writes, write => same && reached && Succeeded(write));
    }

    private void Note(EndPoint shard, bool reached)
    {
        if (reached)
        {
            _lagging.TryRemove(shard, out _);
        }
        else
        {
            _lagging[shard] = true;
        }
    }

    private async Task AnsweredAsync(Task[] answers, CancellationToken cancel)
    {
        try
        {
            await Task.WhenAll(answers).WaitAsync(timeout, cancel);
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            // Each answer is looked at for itself.
        }
    }

    private static bool Succeeded(Task answer) => answer.IsCompletedSuccessfully;
}
