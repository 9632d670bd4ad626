using StreamRec.Training.Data;

namespace StreamRec.Training.ColdItems;

/// <summary>Items that a model is not shown, and what users did with them.</summary>
internal sealed class ColdSplit
{
    private const int OneOf = 10;
    private const int LeastHistory = 3;

    private ColdSplit(SequenceData data, int[] cold)
    {
        Cold = cold;
        var places = cold.Select((item, at) => (item, at)).ToDictionary(one => one.item, one => one.at);
        Known = data.Without(places.Keys.ToHashSet());
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var item = 1; item <= Known.Items; item++)
        {
            known[Known.ItemIds[item]] = item;
        }
        Cases =
        [
            .. Enumerable
                .Range(0, data.Sequences.Count)
                .Select(user => CaseOf(user, data, places, known))
                .Where(asked => asked.History.Length >= LeastHistory),
        ];
        var counts = data.Counts();
        Counts = Array.ConvertAll(cold, item => counts[item]);
    }

    /// <summary>The new items, ascending, by the data's indices.</summary>
    public int[] Cold { get; }

    /// <summary>How often each was taken: what nobody knows of an item that is new.</summary>
    public long[] Counts { get; }

    /// <summary>All events on other items.</summary>
    public SequenceData Known { get; }

    /// <summary>Each user's last event on a new item.</summary>
    public IReadOnlyList<ColdCase> Cases { get; }

    /// <summary>A tenth of the items, drawn at random.</summary>
    public static ColdSplit Draw(SequenceData data, int seed)
    {
        int[] items = [.. Enumerable.Range(1, data.Items)];
        new Random(seed).Shuffle(items);
        return new ColdSplit(data, [.. items.Take(data.Items / OneOf).Order()]);
    }

    private static ColdCase CaseOf(
        int user,
        SequenceData data,
        Dictionary<int, int> places,
        Dictionary<string, int> known
    )
    {
        var items = data.Sequences[user].ToArray();
        var last = Array.FindLastIndex(items, places.ContainsKey);
        if (last < 0)
        {
            return default;
        }
        var before = items[..last];
        return new(
            user,
            before.Where(item => !places.ContainsKey(item)).Select(item => known[data.ItemIds[item]]).ToArray(),
            before
                .Where(item => places.ContainsKey(item) && item != items[last])
                .Select(item => places[item])
                .ToHashSet(),
            places[items[last]]
        );
    }
}
