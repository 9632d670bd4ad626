using System.Text.Json;
using StackExchange.Redis;

namespace StreamRec.Testing.Oracles;

/// <summary>
/// Compares what Redis holds with the reference: states (S), lists (S), the journal (J), the next offsets (L).
/// </summary>
internal sealed class StoreOracle(IDatabase redis, string prefix, string topic, int partitions)
{
    public RedisKey Meta(int partition) => $"{prefix}:meta:{{{topic}:{partition}}}";

    public async Task<long> NextAsync(int partition) => (long?)await redis.HashGetAsync(Meta(partition), "next") ?? -1;

    public async Task<long[]> NextAsync() => await Task.WhenAll(Enumerable.Range(0, partitions).Select(NextAsync));

    /// <summary>Oracle S on states: every user of the reference, and no other.</summary>
    /// <param name="inAll">States in the store, where there are more users than in the reference.</param>
    public async Task CheckStatesAsync(ReferenceFold fold, Verdict verdict, int? inAll = null)
    {
        verdict.Users = fold.Users.Count;
        verdict.Events = fold.Users.Values.Sum(u => u.Accepted);
        foreach (var (name, expected) in fold.Users)
        {
            var bytes = (byte[]?)await redis.StringGetAsync($"{prefix}:state:{{{topic}:{expected.Partition}}}:{name}");
            if (bytes is null)
            {
                verdict.Lost += expected.Accepted;
                verdict.Fault("S", $"user {name} has no state");
                continue;
            }
            Compare(name, expected, StoredState.Parse(bytes), verdict);
        }
        // A replica that the client still takes for a master has the same keys.
        var stored = new HashSet<RedisKey>();
        foreach (var server in redis.Multiplexer.GetServers().Where(s => s is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(redis.Database, $"{prefix}:state:*", 1000))
            {
                stored.Add(key);
            }
        }
        if (stored.Count != (inAll ?? fold.Users.Count))
        {
            verdict.Fault("S", $"{stored.Count} states are stored for {inAll ?? fold.Users.Count} users");
        }
    }

    /// <summary>
    /// Oracle S on lists: what the model makes of the reference's state, and that it names its state's last record.
    /// </summary>
    public async Task CheckListsAsync(ReferenceFold fold, ReferenceLists lists, int size, Verdict verdict)
    {
        foreach (var chunk in fold.Users.Chunk(512))
        {
            var scores = lists.Scores([.. chunk.Select(u => lists.Input(u.Value))]);
            for (var i = 0; i < chunk.Length; i++)
            {
                var (name, user) = chunk[i];
                var json = (string?)await redis.StringGetAsync($"{prefix}:list:{name}");
                if (Wrong(user, json, scores[i], lists, size) is { } wrong)
                {
                    verdict.Stale++;
                    verdict.Fault("S", $"the list of user {name}: {wrong}");
                }
            }
        }
    }

    /// <summary>Oracle J: the steps that were applied are contiguous, without overlap, and claims only grow.</summary>
    public async Task CheckJournalAsync(Verdict verdict)
    {
        for (var p = 0; p < partitions; p++)
        {
            long? at = null;
            long last = 0;
            foreach (var entry in await redis.ListRangeAsync($"{Meta(p)}:journal"))
            {
                var parts = ((string)entry!).Split(',').Select(long.Parse).ToArray();
                var (claim, from, to) = (parts[0], parts[1], parts[2]);
                if ((at is not null && from != at) || to < from || claim < last)
                {
                    verdict.Fault(
                        "J",
                        $"partition {p}: step {from} → {to} under claim {claim} follows {at} under {last}"
                    );
                }
                (at, last) = (to, claim);
            }
            var next = await NextAsync(p);
            if ((at ?? next) != next)
            {
                verdict.Fault("J", $"partition {p}: the journal ends at {at}, n is {next}");
            }
        }
    }

    /// <summary>Steps in the journal: that it was kept at all.</summary>
    public async Task<long> JournaledAsync()
    {
        long steps = 0;
        for (var p = 0; p < partitions; p++)
        {
            steps += await redis.ListLengthAsync($"{Meta(p)}:journal");
        }
        return steps;
    }

    private static void Compare(string name, FoldedUser expected, FoldedUser actual, Verdict verdict)
    {
        verdict.Lost += Math.Max(0, expected.Accepted - actual.Accepted);
        verdict.Duplicated += Math.Max(0, actual.Accepted - expected.Accepted);
        if (!expected.Events.SequenceEqual(actual.Events))
        {
            verdict.Fault(
                "S",
                $"user {name}: {actual.Events.Count} events are kept, not the {expected.Events.Count} of the reference"
            );
            if (actual.Accepted == expected.Accepted)
            {
                verdict.Lost += expected.Events.Except(actual.Events).Count();
            }
        }
        if (expected.Accepted != actual.Accepted || expected.Floor != actual.Floor)
        {
            verdict.Fault(
                "S",
                $"user {name}: accepted {actual.Accepted}, not {expected.Accepted}; "
                    + $"floor {actual.Floor}, not {expected.Floor}"
            );
        }
        if (expected.LastOffset != actual.LastOffset)
        {
            verdict.Fault("S", $"user {name}: the last offset is {actual.LastOffset}, not {expected.LastOffset}");
        }
    }

    public static string? Wrong(FoldedUser user, string? json, double[]? expected, ReferenceLists lists, int size)
    {
        if (json is null)
        {
            return expected is null ? null : "there is none";
        }
        using var list = JsonDocument.Parse(json);
        var root = list.RootElement;
        var through = root.GetProperty("through").GetProperty("offset").GetInt64();
        if (through != user.LastOffset)
        {
            return $"it goes through offset {through}, its state through {user.LastOffset}";
        }
        var excluded = user.Events.Select(e => lists.IndexOf(e.ItemId)).ToHashSet();
        var sawAll = excluded.Count(item => item > 0) == lists.ItemIds.Count - 1;
        if (root.GetProperty("kind").GetString() is var kind && kind != (sawAll ? "seen" : "model"))
        {
            return $"it is of kind {kind}";
        }
        if (sawAll)
        {
            excluded.Clear();
        }
        return expected is null
            ? "it stands for a user of whom the model knows nothing"
            : lists.Check(
                [.. root.GetProperty("items").EnumerateArray().Select(i => i.GetString()!)],
                [.. root.GetProperty("scores").EnumerateArray().Select(s => s.GetDouble())],
                expected,
                excluded,
                size
            );
    }
}
