using StreamRec.Evaluation;

namespace StreamRec.Training.Baselines;

/// <summary>
/// Nearest sequences: of the newest ones that share an item with the history, those that are most like it say what
/// comes next. VSKNN (Ludewig and Jannach, 2018) or, by <see cref="StanScales"/>, STAN (Garg et al., 2019).
/// </summary>
public sealed class NeighbourRanker : ScoredRanker
{
    private const int Sample = 2500,
        Neighbours = 500;
    private readonly StanScales? _scales;
    private readonly int[][] _sequences;
    private readonly int[][] _holders;
    private readonly float[] _idf;

    /// <param name="scales">Null: VSKNN.</param>
    public NeighbourRanker(string name, TrainingPart part, StanScales? scales = null)
        : base(name, part)
    {
        _scales = scales;
        _sequences =
        [
            .. part
                .Sequences.Select(
                    (sequence, at) =>
                        (Items: sequence, Time: sequence.IsEmpty ? 0 : part.Times[at].Span[sequence.Length - 1])
                )
                .Where(sequence => sequence.Items.Length > 1)
                .OrderByDescending(sequence => sequence.Time)
                .Select(sequence => AtNewest(sequence.Items.Span)),
        ];
        var holders = new List<int>[part.Items + 1];
        for (var item = 0; item < holders.Length; item++)
        {
            holders[item] = [];
        }
        for (var at = 0; at < _sequences.Length; at++)
        {
            part.Cancel.ThrowIfCancellationRequested();
            foreach (var item in _sequences[at])
            {
                holders[item].Add(at);
            }
        }
        _holders = [.. holders.Select(list => list.ToArray())];
        _idf = [.. _holders.Select(list => MathF.Log(Math.Max(1, _sequences.Length) / (float)Math.Max(1, list.Length)))];
    }

    protected override Scorer Open() => new Search(this).Score;

    // Each item once, where it stood last.
    private static int[] AtNewest(ReadOnlySpan<int> items)
    {
        var once = new List<int>();
        var seen = new HashSet<int>();
        for (var at = items.Length - 1; at >= 0; at--)
        {
            if (seen.Add(items[at]))
            {
                once.Add(items[at]);
            }
        }
        once.Reverse();
        return [.. once];
    }

    /// <summary>Memory of one thread. Sequences are numbered from the newest.</summary>
    private sealed class Search(NeighbourRanker ranker)
    {
        private readonly float[] _likeness = new float[ranker._sequences.Length];
        private readonly List<int> _touched = [];
        private readonly List<(float Likeness, int Sequence)> _near = [];

        /// <summary>Of each item of the history, events since its newest one, plus 1; else 0.</summary>
        private readonly int[] _ages = new int[ranker._holders.Length];

        public void Score(in RankingCase asked, Span<float> scores)
        {
            var history = asked.History.Span;
            var once = 0;
            for (var age = 0; age < history.Length; age++)
            {
                var item = history[^(age + 1)];
                if (item > 0 && _ages[item] == 0)
                {
                    _ages[item] = age + 1;
                    once++;
                    Share(item, ranker._scales?.OfAge(age) ?? (history.Length - age) / (float)history.Length);
                }
            }
            Keep(once);
            foreach ((var likeness, var sequence) in _near)
            {
                Add(ranker._sequences[sequence], likeness, scores);
            }
            _touched.ForEach(sequence => _likeness[sequence] = 0);
            _touched.Clear();
            foreach (var item in history)
            {
                _ages[item] = 0;
            }
        }

        private void Share(int item, float weight)
        {
            var holders = ranker._holders[item];

            // The newest of all that share something are among the newest of each item.
            foreach (var sequence in holders.AsSpan(0, Math.Min(Sample, holders.Length)))
            {
                if (_likeness[sequence] == 0)
                {
                    _touched.Add(sequence);
                }
                _likeness[sequence] += weight;
            }
        }

        private void Keep(int items)
        {
            _touched.Sort();
            _near.Clear();
            foreach (var sequence in _touched.Take(Sample))
            {
                var likeness = _likeness[sequence];
                if (ranker._scales is { } scales)
                {
                    likeness /= MathF.Sqrt((float)items * ranker._sequences[sequence].Length);
                    likeness *= scales.OfRecency(sequence / (double)ranker._sequences.Length);
                }
                _near.Add((likeness, sequence));
            }
            if (_near.Count > Neighbours)
            {
                _near.Sort(
                    static (x, y) =>
                        x.Likeness != y.Likeness
                            ? y.Likeness.CompareTo(x.Likeness)
                            : x.Sequence.CompareTo(y.Sequence)
                );
                _near.RemoveRange(Neighbours, _near.Count - Neighbours);
            }
        }

        private void Add(int[] sequence, float likeness, Span<float> scores)
        {
            int newest = 0,
                age = int.MaxValue;
            for (var place = 0; place < sequence.Length; place++)
            {
                if (_ages[sequence[place]] is > 0 and var own && own < age)
                {
                    (newest, age) = (place, own);
                }
            }
            for (var place = 0; place < sequence.Length; place++)
            {
                var item = sequence[place];
                scores[item] +=
                    likeness
                    * (ranker._scales?.OfDistance(Math.Abs(place - newest)) ?? ranker._idf[item] / age);
            }
        }
    }
}
