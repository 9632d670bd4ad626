using StreamRec.Evaluation;
using StreamRec.Ranking;

namespace StreamRec.Training.Baselines;

/// <summary>
/// Ranks by a score of every item; equal scores by popularity in the training part. Where that is equal too, a list
/// goes by index, and a rank counts against the target. An item that was never trained on is in no list.
/// </summary>
public abstract class ScoredRanker : ICaseRanker
{
    private readonly int[] _counts;
    private Scorer? _own;

    protected ScoredRanker(string name, TrainingPart part)
    {
        Name = name;
        _counts = [.. part.Counts.Select(count => (int)Math.Min(count, int.MaxValue))];
    }

    /// <summary>Adds an item's score for a case to each of N+1 zeros.</summary>
    protected delegate void Scorer(in RankingCase asked, Span<float> scores);

    public string Name { get; }

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        var result = new int[cases.Count];
        Parallel.For(
            0,
            cases.Count,
            new ParallelOptions { CancellationToken = cancel },
            () => (Score: Open(), Scores: new float[_counts.Length]),
            (at, _, own) =>
            {
                var asked = cases[at];
                Array.Clear(own.Scores);
                own.Score(asked, own.Scores);
                result[at] = RankOf(own.Scores, asked.Target, eligible.ExcludedOnce(asked.History.Span));
                return own;
            },
            _ => { }
        );
        result.CopyTo(ranks);
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
    {
        var scores = Scores(asked);
        var excluded = eligible.ExcludedOnce(asked.History.Span);
        var found = 0;
        for (var item = 1; item < scores.Length && top.Length > 0; item++)
        {
            var full = found == top.Length;
            if (_counts[item] == 0 || (full && !IsBefore(scores, item, top[^1])) || excluded.Contains(item))
            {
                continue;
            }
            var place = full ? found - 1 : found++;
            for (; place > 0 && IsBefore(scores, item, top[place - 1]); place--)
            {
                top[place] = top[place - 1];
            }
            top[place] = item;
        }
        return found;
    }

    public virtual void Observe(int user, int previous, int item) { }

    internal float[] Scores(in RankingCase asked)
    {
        var scores = new float[_counts.Length];
        (_own ??= Open())(asked, scores);
        return scores;
    }

    /// <summary>A scorer with memory of its own, for one thread.</summary>
    protected abstract Scorer Open();

    protected void Count(int item) => _counts[item]++;

    private bool IsBefore(ReadOnlySpan<float> scores, int item, int other) =>
        scores[item] > scores[other] || (scores[item] == scores[other] && _counts[item] > _counts[other]);

    private int RankOf(ReadOnlySpan<float> scores, int target, IReadOnlySet<int> excluded)
    {
        var count = _counts[target];
        if (count == 0)
        {
            return RankingMetrics.Miss;
        }
        var limit = scores[target];
        var rank = 0;
        for (var item = 1; item < scores.Length; item++)
        {
            rank += Reaches(scores[item], _counts[item], limit, count);
        }
        foreach (var item in excluded)
        {
            rank -= item > 0 && item != target ? Reaches(scores[item], _counts[item], limit, count) : 0;
        }
        return rank;
    }

    // Without a branch: this is asked for every item of every case.
    private static int Reaches(float score, int count, float limit, int least) =>
        ((score > limit) & (count > 0)) | ((score == limit) & (count >= least)) ? 1 : 0;
}
