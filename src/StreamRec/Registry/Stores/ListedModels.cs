using System.Text.Json;
using StackExchange.Redis;
using StreamRec.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Registry.Stores;

/// <summary>Which models the lists that are there name: read from where each list begins, and no list whole.</summary>
internal sealed class ListedModels(IConnectionMultiplexer redis, string prefix, RedisSettings server)
{
    private const int Batch = 1_000;

    /// <summary>Further than the model's id stands: kind, segment and id have 64 characters each at most.</summary>
    private const int Begin = 2_048;

    /// <exception cref="StreamRecException">Redis does not answer, or refuses.</exception>
    public Task<IReadOnlySet<string>> ReadAsync(CancellationToken cancel) =>
        RedisRefusal.AskedAsync<IReadOnlySet<string>>(
            server,
            async () =>
            {
                var found = new HashSet<string>(StringComparer.Ordinal);
                var first = $"{new StoreKeys(prefix).List("")}";
                foreach (var master in await RedisConnection.MastersAsync(redis))
                {
                    var batch = new List<RedisKey>(Batch);
                    await foreach (
                        var key in master.KeysAsync(pattern: $"{first}*", pageSize: Batch).WithCancellation(cancel)
                    )
                    {
                        batch.Add(key);
                        if (batch.Count == Batch)
                        {
                            await NoteAsync(batch, found);
                        }
                    }
                    await NoteAsync(batch, found);
                }
                return found;
            }
        );

    private async Task NoteAsync(List<RedisKey> keys, HashSet<string> found)
    {
        var database = redis.GetDatabase();
        foreach (var begin in await Task.WhenAll(keys.Select(key => database.StringGetRangeAsync(key, 0, Begin))))
        {
            if (ModelOf((byte[])begin!) is { } model)
            {
                found.Add(model);
            }
        }
        keys.Clear();
    }

    /// <summary>The id of the model that a list names, of which the end may lack.</summary>
    internal static string? ModelOf(ReadOnlySpan<byte> begin)
    {
        var json = new Utf8JsonReader(begin, isFinalBlock: false, default);
        try
        {
            while (json.Read())
            {
                if (
                    json.CurrentDepth == 1
                    && json.TokenType == JsonTokenType.PropertyName
                    && json.ValueTextEquals("model")
                )
                {
                    return json.Read() ? json.GetString() : null;
                }
            }
        }
        catch (JsonException)
        {
            // No list of ours.
        }
        return null;
    }
}
