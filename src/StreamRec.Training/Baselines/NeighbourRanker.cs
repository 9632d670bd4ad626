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
    private readonly NewestSequences _newest;

    /// <param name="scales">Null: VSKNN.</param>
    public NeighbourRanker(string name, TrainingPart part, StanScales? scales = null)
        : base(name, part) => (_scales, _newest) = (scales, part.Newest);

    protected override Scorer Open() => new Search(_newest, _scales).Score;

    /// <summary>Memory of one thread.</summary>
    private sealed class Search(NewestSequences newest, StanScales? stan)
    {
        private readonly float[] _likeness = new float[newest.Count];
        private readonly List<int> _touched = [];
        private readonly List<(float Likeness, int Sequence)> _near = [];

        /// <summary>Of each item of the history, events since its newest one, plus 1; else 0.</summary>
        private readonly int[] _ages = new int[newest.Items + 1];

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
                    Share(item, stan?.OfAge(age) ?? (history.Length - age) / (float)history.Length);
                }
            }
            Keep(once);
            foreach ((var likeness, var sequence) in _near)
            {
                Add(newest.Of(sequence), likeness, scores);
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
            var holders = newest.Holding(item);

            // The newest of all that share something are among the newest of each item.
            foreach (var sequence in holders[..Math.Min(Sample, holders.Length)])
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
                if (stan is { } scales)
                {
                    likeness /= MathF.Sqrt((float)items * newest.Of(sequence).Length);
                    likeness *= scales.OfRecency(sequence / (double)newest.Count);
                }
                _near.Add((likeness, sequence));
            }
            if (_near.Count > Neighbours)
            {
                _near.Sort(
                    static (x, y) =>
                        x.Likeness != y.Likeness ? y.Likeness.CompareTo(x.Likeness) : x.Sequence.CompareTo(y.Sequence)
                );
                _near.RemoveRange(Neighbours, _near.Count - Neighbours);
            }
        }

        private void Add(ReadOnlySpan<int> sequence, float likeness, Span<float> scores)
        {
            int shared = 0,
                age = int.MaxValue;
            for (var place = 0; place < sequence.Length; place++)
            {
                if (_ages[sequence[place]] is > 0 and var own && own < age)
                {
                    (shared, age) = (place, own);
                }
            }
            for (var place = 0; place < sequence.Length; place++)
            {
                var item = sequence[place];
                scores[item] += likeness * (stan?.OfDistance(Math.Abs(place - shared)) ?? newest.Rarity(item) / age);
            }
        }
    }
}
