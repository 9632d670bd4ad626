using System.Text.Json;

namespace StreamRec.Testing.Oracles;

/// <summary>
/// Oracle S: what the states must be, by a single-threaded fold of the log that shares no code with the worker. Written
/// to be plainly right: sort, cut, compare.
/// </summary>
/// <param name="kept">K, events kept of a user.</param>
/// <param name="partitions">Where given, a record counts only in the partition that its key hashes to by
/// murmur2.</param>
internal sealed class ReferenceFold(int kept, int partitions = 0)
{
    public Dictionary<string, FoldedUser> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>Records that are no event of their user: what must be in the dead-letter topic.</summary>
    public HashSet<(int Partition, long Offset)> Refused { get; } = [];

    /// <summary>Events by user, in the order of the log, with those that changed nothing.</summary>
    public Action<string, FoldedUser>? Applied { get; set; }

    public ReferenceFold Fold(IEnumerable<LoggedRecord> records)
    {
        foreach (var record in records)
        {
            if (Read(record) is { } click && (partitions == 0 || Owner(record.Key!) == record.Partition))
            {
                Apply(click.User, new(click.Time, click.Event, click.Item), record.Partition, record.Offset);
            }
            else
            {
                Refused.Add((record.Partition, record.Offset));
            }
        }
        return this;
    }

    public void Apply(string name, SequenceEvent click, int partition, long offset)
    {
        if (!Users.TryGetValue(name, out var user))
        {
            Users[name] = user = new FoldedUser { Partition = partition };
        }
        user.LastOffset = offset;
        var key = (click.TimeMs, click.EventId);
        var late = user.Floor is { } floor && FoldedUser.Compare(key, floor) <= 0;
        var known = user.Events.Exists(e => e.EventId == click.EventId);
        if (known && !late && !user.Events.Exists(e => e.EventId == click.EventId && e.TimeMs == click.TimeMs))
        {
            Refused.Add((partition, offset));
        }
        if (!late && !known)
        {
            user.Accepted++;
            user.Events.Add(click);
            user.Events.Sort((a, b) => FoldedUser.Compare((a.TimeMs, a.EventId), (b.TimeMs, b.EventId)));
            while (user.Events.Count > kept)
            {
                user.Floor = (user.Events[0].TimeMs, user.Events[0].EventId);
                user.Events.RemoveAt(0);
            }
        }
        Applied?.Invoke(name, user);
    }

    private static (string User, string Event, string Item, long Time)? Read(LoggedRecord record)
    {
        try
        {
            using var json = JsonDocument.Parse(record.Value);
            var root = json.RootElement;
            var user = root.GetProperty("user_id").GetString()!;
            return record.Key is { } key && System.Text.Encoding.UTF8.GetString(key) == user
                ? (
                    user,
                    root.GetProperty("event_id").GetString()!,
                    root.GetProperty("item_id").GetString()!,
                    root.GetProperty("ts").GetInt64()
                )
                : null;
        }
        catch (Exception fault)
            when (fault
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or ArgumentException
            )
        {
            return null;
        }
    }

    /// <summary>
    /// Kafka's default partitioner, written anew: murmur2 of the key, its sign dropped, modulo the partitions.
    /// </summary>
    private int Owner(byte[] key)
    {
        unchecked
        {
            const int m = 0x5bd1e995;
            var h = (int)0x9747b28c ^ key.Length;
            for (var i = 0; i + 4 <= key.Length; i += 4)
            {
                var k = BitConverter.ToInt32(key, i) * m;
                k = (k ^ (int)((uint)k >> 24)) * m;
                h = (h * m) ^ k;
            }
            var tail = key.Length & ~3;
            for (var i = (key.Length & 3) - 1; i >= 0; i--)
            {
                h ^= (key[tail + i] & 0xff) << (8 * i);
            }
            h = (key.Length & 3) > 0 ? h * m : h;
            h = (h ^ (int)((uint)h >> 13)) * m;
            h ^= (int)((uint)h >> 15);
            return (h & 0x7fffffff) % partitions;
        }
    }
}
