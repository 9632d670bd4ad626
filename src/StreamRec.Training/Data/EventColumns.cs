using StreamRec.Events;

namespace StreamRec.Training.Data;

/// <summary>
/// Events as columns: a user, an item, a time and the event id's bytes, some 24 bytes an event and the id, so that many
/// millions fit. Sorts a user's events by (time, event id) and drops duplicates.
/// </summary>
internal sealed class EventColumns
{
    private const int ChunkBytes = 1 << 20;
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal),
        _items = new(StringComparer.Ordinal);
    private readonly List<int> _user = [],
        _item = [];
    private readonly List<long> _time = [],
        _id = [];
    private readonly List<byte[]> _bytes = [];
    private readonly UserSegments _segments = new();
    private int _filled = ChunkBytes;

    public void Add(in ClickEvent click)
    {
        _user.Add(Number(_users, click.UserId));
        _segments.Add(_user[^1], click);
        _item.Add(Number(_items, click.ItemId));
        _time.Add(click.TimeMs);
        var length = System.Text.Encoding.UTF8.GetByteCount(click.EventId);
        if (_filled + length + 1 > ChunkBytes)
        {
            _bytes.Add(new byte[Math.Max(ChunkBytes, length + 1)]);
            _filled = 0;
        }
        // An id is at most 128 bytes long: its length fits in front of it.
        _id.Add(((long)(_bytes.Count - 1) * ChunkBytes) + _filled);
        _bytes[^1][_filled] = (byte)length;
        _filled += 1 + System.Text.Encoding.UTF8.GetBytes(click.EventId, _bytes[^1].AsSpan(_filled + 1));
    }

    /// <summary>Ids in ordinal order, the item ids from 1 on, and each user's items, times and segments.</summary>
    public (
        string[] ItemIds,
        string[] UserIds,
        ReadOnlyMemory<int>[] Sequences,
        ReadOnlyMemory<long>[] Times,
        IReadOnlyList<string>[] Segments
    ) Build()
    {
        string[] itemIds = ["", .. _items.Keys.Order(StringComparer.Ordinal)],
            userIds = [.. _users.Keys.Order(StringComparer.Ordinal)];
        var itemOf = new int[_items.Count];
        for (var item = 1; item < itemIds.Length; item++)
        {
            itemOf[_items[itemIds[item]]] = item;
        }
        int[] starts = new int[_users.Count + 1],
            rows = new int[_user.Count];
        foreach (var user in _user)
        {
            starts[user + 1]++;
        }
        for (var user = 0; user < _users.Count; user++)
        {
            starts[user + 1] += starts[user];
        }
        var next = starts[..^1];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[next[_user[row]]++] = row;
        }
        var items = new int[rows.Length];
        var times = new long[rows.Length];
        var sequences = new ReadOnlyMemory<int>[userIds.Length];
        var userTimes = new ReadOnlyMemory<long>[userIds.Length];
        Comparison<int> order = Compare;
        for (var at = 0; at < userIds.Length; at++)
        {
            int user = _users[userIds[at]],
                from = starts[user],
                kept = from;
            var own = rows.AsSpan(from, starts[user + 1] - from);
            own.Sort(order);
            for (var place = 0; place < own.Length; place++)
            {
                if (place == 0 || Compare(own[place - 1], own[place]) != 0)
                {
                    items[kept] = itemOf[_item[own[place]]];
                    times[kept++] = _time[own[place]];
                }
            }
            sequences[at] = items.AsMemory(from, kept - from);
            userTimes[at] = times.AsMemory(from, kept - from);
        }
        return (itemIds, userIds, sequences, userTimes, [.. userIds.Select(id => _segments.Of(_users[id]))]);
    }

    private int Compare(int x, int y) =>
        _time[x] != _time[y] ? _time[x].CompareTo(_time[y]) : Id(x).SequenceCompareTo(Id(y));

    private ReadOnlySpan<byte> Id(int row)
    {
        var chunk = _bytes[(int)(_id[row] / ChunkBytes)];
        var at = (int)(_id[row] % ChunkBytes);
        return chunk.AsSpan(at + 1, chunk[at]);
    }

    private static int Number(Dictionary<string, int> numbers, string id)
    {
        if (!numbers.TryGetValue(id, out var number))
        {
            numbers[id] = number = numbers.Count;
        }
        return number;
    }
}
