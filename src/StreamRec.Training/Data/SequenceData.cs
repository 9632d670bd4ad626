using StreamRec.Events;

namespace StreamRec.Training.Data;

/// <summary>Every user's items in order of (time, event id), duplicates removed. Item indices follow the ids' ordinal order.</summary>
public sealed class SequenceData
{
    private SequenceData(
        string[] itemIds, string[] userIds, ReadOnlyMemory<int>[] sequences, ReadOnlyMemory<long>[] times)
    {
        (ItemIds, UserIds, Sequences, Times) = (itemIds, userIds, sequences, times);
        Events = sequences.Sum(sequence => (long)sequence.Length);
    }

    /// <summary>N+1 ids; the one at 0 is padding and empty.</summary>
    public IReadOnlyList<string> ItemIds { get; }

    /// <summary>The users in ordinal order of their ids.</summary>
    public IReadOnlyList<string> UserIds { get; }

    /// <summary>Item indices in 1..N of each user, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Sequences { get; }

    /// <summary>The same events' times in milliseconds.</summary>
    public IReadOnlyList<ReadOnlyMemory<long>> Times { get; }

    /// <summary>N.</summary>
    public int Items => ItemIds.Count - 1;

    public long Events { get; }

    /// <summary>Reads all events; their order does not matter.</summary>
    public static SequenceData From(IEnumerable<ClickEvent> events)
    {
        var users = new Dictionary<string, List<(long Time, string Event, string Item)>>(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ClickEvent click in events)
        {
            if (!users.TryGetValue(click.UserId, out List<(long, string, string)>? own))
            {
                users[click.UserId] = own = [];
            }

            names.TryAdd(click.ItemId, click.ItemId);
            own.Add((click.TimeMs, click.EventId, names[click.ItemId]));
        }

        string[] ids = ["", .. names.Keys.Order(StringComparer.Ordinal)];
        Dictionary<string, int> index = ids.Select((id, at) => (id, at)).Skip(1).ToDictionary(x => x.id, x => x.at, StringComparer.Ordinal);
        string[] userIds = users.Keys.Order(StringComparer.Ordinal).ToArray();
        var sequences = new ReadOnlyMemory<int>[userIds.Length];
        var times = new ReadOnlyMemory<long>[userIds.Length];
        for (int user = 0; user < userIds.Length; user++)
        {
            List<(long Time, string Event, string Item)> own = users[userIds[user]];
            own.Sort((x, y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : string.CompareOrdinal(x.Event, y.Event));
            var kept = own.Where((e, at) => at == 0 || e.Time != own[at - 1].Time || e.Event != own[at - 1].Event).ToArray();
            sequences[user] = kept.Select(e => index[e.Item]).ToArray();
            times[user] = kept.Select(e => e.Time).ToArray();
        }

        return new SequenceData(ids, userIds, sequences, times);
    }

    /// <summary>The same users with the beginnings of their sequences, a split's training part, and only the items that occur in them.</summary>
    public SequenceData WithPrefixes(IReadOnlyList<ReadOnlyMemory<int>> prefixes)
    {
        long[] counts = Counts(prefixes, Items);
        var indices = new int[ItemIds.Count];
        var ids = new List<string> { "" };
        for (int item = 1; item < indices.Length; item++)
        {
            if (counts[item] > 0)
            {
                indices[item] = ids.Count;
                ids.Add(ItemIds[item]);
            }
        }

        return new SequenceData(
            [.. ids], [.. UserIds],
            [.. prefixes.Select(prefix => new ReadOnlyMemory<int>(Array.ConvertAll(prefix.ToArray(), item => indices[item])))],
            [.. Times.Select((times, user) => times[..prefixes[user].Length])]);
    }

    /// <summary>How often each item occurs: N+1 counts, 0 at index 0.</summary>
    public long[] Counts() => Counts(Sequences, Items);

    /// <summary>How often each of N items occurs in some sequences: N+1 counts, 0 at index 0.</summary>
    public static long[] Counts(IReadOnlyList<ReadOnlyMemory<int>> sequences, int items)
    {
        var counts = new long[items + 1];
        foreach (ReadOnlyMemory<int> sequence in sequences)
        {
            foreach (int item in sequence.Span)
            {
                counts[item]++;
            }
        }

        return counts;
    }

    /// <summary>The share of events whose item the user has had before.</summary>
    public double RepeatShare() =>
        Events == 0 ? 0 : Sequences.Sum(s => (long)s.Length - new HashSet<int>(s.ToArray()).Count) / (double)Events;
}
