using StreamRec.Delivery.Ports;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// Oracle S: what the states must be, folded from the log record by record. Shares no sequence code with the product: a
/// sorted set and the rules as delivery.md states them.
/// </summary>
internal sealed class ReferenceFold
{
    private static readonly Comparer<(long Time, string Id)> s_order = Comparer<(long Time, string Id)>.Create(
        (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : string.CompareOrdinal(a.Id, b.Id)
    );

    private readonly Dictionary<string, User> _users = [];

    /// <summary>Offsets of records that belong into the dead letters.</summary>
    public HashSet<long> DeadLetters { get; } = [];

    public IReadOnlyCollection<string> Users => _users.Keys;

    public void Add(in LogRecord record)
    {
        var sent = SimulatedEvent.Of(record);
        if (sent.Poison)
        {
            DeadLetters.Add(record.Offset);
            return;
        }
        var name = SimulatedEvent.User(record);
        if (!_users.TryGetValue(name, out var user))
        {
            _users[name] = user = new();
        }
        if (user.LastMs is { } last && record.TimestampMs > last + SimulatedProducers.IdleExpiryMs)
        {
            (user.Floor, user.Accepted) = (null, 0);
            user.Kept.Clear();
        }
        user.Offsets.Add(record.Offset);
        user.LastMs = Math.Max(user.LastMs ?? 0, record.TimestampMs);
        var key = (sent.TimeMs, sent.Id);
        if (user.Floor is { } floor && s_order.Compare(key, floor) <= 0)
        {
            return;
        }
        if (user.Kept.Any(k => k.Id == sent.Id))
        {
            if (!user.Kept.Contains(key))
            {
                DeadLetters.Add(record.Offset);
            }
            return;
        }
        user.Accepted++;
        user.Kept.Add(key);
        if (user.Kept.Count > SimulatedProcessor.Kept)
        {
            user.Floor = user.Kept.Min;
            user.Kept.Remove(user.Kept.Min);
        }
    }

    /// <summary>A user's state, as <see cref="SimulatedState.ToString"/> writes it.</summary>
    public string? this[string name] => _users.TryGetValue(name, out var user) ? user.ToString() : null;

    private sealed class User
    {
        public List<long> Offsets { get; } = [];
        public SortedSet<(long Time, string Id)> Kept { get; } = new(s_order);
        public (long Time, string Id)? Floor { get; set; }
        public long? LastMs { get; set; }
        public int Accepted { get; set; }

        public override string ToString() =>
            $"offsets {string.Join(',', Offsets)} events {string.Join(' ', Kept.Select(k => $"{k.Id}@{k.Time}"))} "
            + $"floor {(Floor is { } f ? $"{f.Id}@{f.Time}" : "none")} accepted {Accepted} last {Offsets[^1]}";
    }
}
