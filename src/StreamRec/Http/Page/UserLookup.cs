using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Kafka.Producing;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Sequences;

namespace StreamRec.Http.Page;

/// <summary>
/// What the store holds of a user: the sequence, and the list as a reader gets it. On a connection of its own, so that
/// nobody who looks is in the worker's way, by the rights that the worker has.
/// </summary>
/// <param name="partitions">How many partitions the topic has; 0 while that is not known.</param>
/// <param name="names">An item's name; null for those without.</param>
/// <param name="attention">Belongs to this from here on.</param>
internal sealed class UserLookup(
    WorkOptions options,
    Func<int> partitions,
    Func<string, string?> names,
    AttentionShares attention,
    TimeProvider time
) : IAsyncDisposable
{
    /// <summary>The newest events that are shown of a sequence.</summary>
    private const int MostEvents = 200;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly StoreKeys _keys = new(options.Prefix);
    private readonly Func<ReadOnlySpan<byte>, int, int> _partitionOf = KeyHash.PartitionOf(options.Partitioner);
    private readonly SemaphoreSlim _one = new(1);
    private ConnectionMultiplexer? _redis;
    private ListReader? _reader;

    /// <summary>Whether it can be a user's id, as events have it.</summary>
    public static bool IsId(string? user) =>
        user is { Length: > 0 and <= EventLimits.MaxIdBytes }
        && System.Text.Encoding.UTF8.GetByteCount(user) <= EventLimits.MaxIdBytes;

    /// <summary>Reads lists.</summary>
    /// <exception cref="StreamRecException">Redis cannot be reached, or refuses.</exception>
    public async Task<ListReader> ReaderAsync(CancellationToken cancel)
    {
        if (_reader is { } reader)
        {
            return reader;
        }
        await _one.WaitAsync(cancel);
        try
        {
            _redis ??= await RedisConnection.ConnectAsync(options.RedisSettings(), failFast: true, cancel);
            return _reader ??= new ListReader(
                _redis,
                new ListReaderOptions { Prefix = options.Prefix, ReadTimeout = s_limit },
                time
            );
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A user as JSON, with the status of the answer.</summary>
    /// <exception cref="StreamRecException">Redis cannot be reached, or refuses.</exception>
    public async Task<(int Status, byte[] Json)> LookAsync(string user, CancellationToken cancel)
    {
        var reader = await ReaderAsync(cancel);
        var reading = reader.ReadAsync(user, cancel);
        var (partition, sequence, fault) = await SequenceAsync(user, cancel);
        var list = await reading;
        var status = list.Reason is ListReason.TimedOut or ListReason.Unreachable
            ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        return (
            status,
            JsonAnswer.Write(json =>
            {
                json.WriteString("user", user);
                json.WriteOrNull("partition", partition);
                WriteSequence(json, sequence, fault);
                json.WritePropertyName("list");
                Write(json, list);
                if (status != StatusCodes.Status200OK)
                {
                    json.WriteString("error", $"{options.RedisSettings()} does not answer.");
                }
            })
        );
    }

    /// <summary>A list as JSON, items with their names.</summary>
    public void Write(Utf8JsonWriter json, ListResult result)
    {
        json.WriteStartObject();
        json.WriteString("source", result.Source.ToString());
        json.WriteString("reason", result.Reason.ToString());
        json.WriteOrNull("age_ms", (long?)result.Age?.TotalMilliseconds);
        json.WriteOrNull("kind", result.List?.Kind);
        json.WriteOrNull("model", result.List?.Model);
        json.WriteOrNull("written_at", result.List?.WrittenAtMs);
        json.WriteOrNull("through", result.List?.Through?.Offset);
        json.WriteStartArray("items");
        for (var i = 0; i < result.Items.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("rank", i + 1);
            json.WriteString("item", result.Items[i]);
            json.WriteOrNull("name", names(result.Items[i]));
            json.WriteNumber("score", result.List!.Scores[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
        _one.Dispose();
        attention.Dispose();
    }

    private async Task<(int? Partition, UserSequence? Sequence, string? Fault)> SequenceAsync(
        string user,
        CancellationToken cancel
    )
    {
        var count = partitions();
        if (count == 0)
        {
            return (null, null, "The worker has not looked at the topic yet.");
        }
        // Where producers may choose any partition, the user may have a state in each.
        var own = _partitionOf(System.Text.Encoding.UTF8.GetBytes(user), count);
        int[] places = own >= 0 ? [own] : [.. Enumerable.Range(0, count)];
        var database = _redis!.GetDatabase();
        try
        {
            var states = await Task.WhenAll(
                    places.Select(place =>
                        database.StringGetAsync(
                            _keys.State(new PartitionIdentity(options.Topic, place, "", count, options.Group), user)
                        )
                    )
                )
                .WaitAsync(s_limit, time, cancel);
            return
                places
                    .Zip(states, (place, state) => (Partition: (int?)place, State: state))
                    .Where(found => found.State.HasValue)
                    .Select(found => (found.Partition, Sequence: StateCodec.Decode((byte[])found.State!)))
                    .OrderByDescending(found => found.Sequence.LastRecordMs)
                    .FirstOrDefault()
                    is { Sequence: { } sequence } newest
                ? (newest.Partition, sequence, null)
                : (own >= 0 ? own : null, null, null);
        }
        catch (InvalidDataException fault)
        {
            return (own >= 0 ? own : null, null, $"The state cannot be read: {fault.Message}");
        }
        catch (Exception fault) when (fault is TimeoutException or RedisException)
        {
            return (own >= 0 ? own : null, null, "Redis does not answer, or refuses to give the state.");
        }
    }

    private void WriteSequence(Utf8JsonWriter json, UserSequence? sequence, string? fault)
    {
        json.WriteOrNull("sequence_fault", fault);
        if (sequence is null)
        {
            json.WriteNull("sequence");
            return;
        }
        var (shares, unknown) = Attention(sequence);
        json.WriteStartObject("sequence");
        json.WriteNumber("accepted", sequence.Accepted);
        json.WriteNumber("kept", sequence.Count);
        json.WriteOrNull("attention_fault", unknown);
        json.WriteStartArray("events");
        var events = sequence.Events;
        for (var place = events.Count - 1; place >= Math.Max(0, events.Count - MostEvents); place--)
        {
            var kept = events[place];
            json.WriteStartObject();
            json.WriteNumber("ts", kept.Key.TimeMs);
            json.WriteOrNull("attention", shares?[place] is { } share && float.IsFinite(share) ? share : null);
            json.WriteString("item", kept.ItemId);
            json.WriteOrNull("name", names(kept.ItemId));
            json.WriteString("type", kept.Type);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // What is shown beside it does not wait for a graph that cannot be run.
    private (float[]? Shares, string? Fault) Attention(UserSequence sequence)
    {
        try
        {
            return (attention.Of(sequence), null);
        }
        catch (StreamRecException fault)
        {
            return (null, fault.Message);
        }
    }
}
