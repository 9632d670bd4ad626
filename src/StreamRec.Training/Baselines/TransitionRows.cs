namespace StreamRec.Training.Baselines;

/// <summary>
/// What stood up to so many events behind each item, an event k + 1 behind counting decay^k: the sum, a time that the
/// item occurs, over n_next^rarity.
/// </summary>
internal sealed class TransitionRows
{
    /// <summary>Others that are kept of an item, the heaviest, so that memory grows with items alone.</summary>
    private const int MostKept = 2000;

    private readonly (int Item, float Weight)[][] _rows;

    public TransitionRows(TrainingPart part, int steps, double decay, double rarity)
    {
        var places = part.Places;
        _rows = new (int, float)[part.Items + 1][];
        _rows[0] = [];
        float[] weights = [.. Enumerable.Range(0, steps).Select(step => (float)Math.Pow(decay, step))];
        Parallel.For(
            1,
            _rows.Length,
            new ParallelOptions { CancellationToken = part.Cancel },
            () => (Sums: new float[part.Items + 1], Touched: new List<int>()),
            (item, _, own) =>
            {
                foreach (var place in places.Of(item))
                {
                    var end = Math.Min(places.Bounds[places.Sequences[place] + 1], place + 1 + steps);
                    for (var at = place + 1; at < end; at++)
                    {
                        ref var sum = ref own.Sums[places.Items[at]];
                        if (sum == 0)
                        {
                            own.Touched.Add(places.Items[at]);
                        }
                        sum += weights[at - place - 1];
                    }
                }
                (int Item, float Weight)[] row =
                [
                    .. own.Touched.Select(other =>
                        (other, (float)(own.Sums[other] / places.Counts[item] / Math.Pow(places.Counts[other], rarity)))
                    ),
                ];
                _rows[item] =
                    row.Length <= MostKept
                        ? row
                        : [.. row.OrderByDescending(entry => entry.Weight).ThenBy(entry => entry.Item).Take(MostKept)];
                own.Touched.ForEach(other => own.Sums[other] = 0);
                own.Touched.Clear();
                return own;
            },
            _ => { }
        );
    }

    public ReadOnlySpan<(int Item, float Weight)> Of(int item) => _rows[item];
}
