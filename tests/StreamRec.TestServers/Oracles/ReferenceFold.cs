using System.Text.Json;

namespace StreamRec.TestServers;

/// <summary>
/// Oracle S: what the states must be, by a single-threaded fold of the log that shares no code with the worker. Written
/// to be plainly right: sort, cut, compare.
/// </summary>
/// <param name="kept">K, events kept of a user.</param>
internal sealed class ReferenceFold(int kept)
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
            if (Read(record) is { } click)
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
                ? (user, root.GetProperty("event_id").GetString()!, root.GetProperty("item_id").GetString()!, root.GetProperty("ts").GetInt64())
                : null;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
