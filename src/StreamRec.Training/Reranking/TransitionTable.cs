using StreamRec.Reranking;

namespace StreamRec.Training.Reranking;

/// <summary>Counts what stood up to five events behind each item.</summary>
internal static class TransitionTable
{
    private const int WalkLags = 5;
    private const float LagDecay = 0.7f;

    /// <summary>Others that are kept of an item, those with the largest sums.</summary>
    private const int MostKept = 200;

    /// <summary>So that a file of many items stays below 2 GiB.</summary>
    private const int MostEntries = 100_000_000;

    public static byte[] Write(EventPlaces places)
    {
        int rows = places.Counts.Length,
            most = Math.Clamp(MostEntries / rows, 1, MostKept);
        var kept = new Entry[rows][];
        Parallel.For(
            0,
            rows,
            () => new Row(rows),
            (item, _, row) =>
            {
                kept[item] = item == 0 ? [] : row.Of(places, item, most);
                return row;
            },
            _ => { }
        );
        var starts = new int[rows + 1];
        for (var item = 0; item < rows; item++)
        {
            starts[item + 1] = starts[item] + kept[item].Length;
        }
        Entry[] all = [.. kept.SelectMany(row => row)];
        return ItemTransitions.Write(
            places.Counts,
            starts,
            Array.ConvertAll(all, entry => entry.Item),
            [
                Array.ConvertAll(all, entry => entry.First),
                Array.ConvertAll(all, entry => entry.Second),
                Array.ConvertAll(all, entry => entry.Third),
            ],
            Array.ConvertAll(all, entry => entry.Sum)
        );
    }

    private readonly record struct Entry(int Item, float Sum, ushort First, ushort Second, ushort Third);

    private sealed class Row(int items)
    {
        private readonly int[] _behind = new int[items * WalkLags];
        private readonly List<int> _touched = [];

        public Entry[] Of(EventPlaces places, int item, int most)
        {
            foreach (var place in places.Of(item))
            {
                var end = Math.Min(places.Bounds[places.Sequences[place] + 1], place + 1 + WalkLags);
                for (var at = place + 1; at < end; at++)
                {
                    var counts = Counts(places.Items[at]);
                    if (!counts.ContainsAnyExcept(0))
                    {
                        _touched.Add(places.Items[at]);
                    }
                    counts[at - place - 1]++;
                }
            }
            Entry[] entries = [.. _touched.Select(other => Entry(other))];
            _touched.ForEach(other => Counts(other).Clear());
            _touched.Clear();
            return
            [
                .. entries
                    .OrderByDescending(entry => entry.Sum)
                    .ThenBy(entry => entry.Item)
                    .Take(most)
                    .OrderBy(entry => entry.Item),
            ];
        }

        private Span<int> Counts(int other) => _behind.AsSpan(other * WalkLags, WalkLags);

        private Entry Entry(int other)
        {
            var counts = Counts(other);
            float sum = 0,
                weight = 1;
            foreach (var count in counts)
            {
                sum += weight * count;
                weight *= LagDecay;
            }
            return new Entry(other, sum, Limited(counts[0]), Limited(counts[1]), Limited(counts[2]));
        }

        private static ushort Limited(int count) => (ushort)Math.Min(count, ushort.MaxValue);
    }
}
