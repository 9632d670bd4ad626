namespace StreamRec.Evaluation;

/// <summary>A question with a known answer: what came after this history, oldest first?</summary>
public readonly record struct RankingCase(int User, ReadOnlyMemory<int> History, int Target);

/// <summary>What may be trained on, per user, and what is asked afterwards.</summary>
public sealed record Split(IReadOnlyList<ReadOnlyMemory<int>> Training, IReadOnlyList<RankingCase> Cases);

/// <summary>Ways to hold out data.</summary>
public static class Splits
{
    /// <summary>Each user's last event is the target; users with fewer than <paramref name="minimum"/> events only train.</summary>
    public static Split LeaveOneOut(IReadOnlyList<ReadOnlyMemory<int>> sequences, int minimum = 3)
    {
        var training = new ReadOnlyMemory<int>[sequences.Count];
        var cases = new List<RankingCase>();
        for (int user = 0; user < sequences.Count; user++)
        {
            ReadOnlyMemory<int> all = sequences[user];
            training[user] = all.Length >= minimum ? all[..^1] : all;
            if (all.Length >= minimum)
            {
                cases.Add(new RankingCase(user, training[user], all.Span[^1]));
            }
        }

        return new Split(training, cases);
    }

    /// <summary>The newest events are targets, each with all that its user did before it; the rest trains.</summary>
    /// <param name="times">Milliseconds of each event, ascending within a user.</param>
    /// <param name="trainingShare">The share of all events, oldest first, that trains.</param>
    public static Split ByTime(
        IReadOnlyList<ReadOnlyMemory<int>> sequences, IReadOnlyList<ReadOnlyMemory<long>> times, double trainingShare)
    {
        long[] sorted = times.SelectMany(user => user.ToArray()).Order().ToArray();
        long cut = sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)(sorted.Length * trainingShare), 0, sorted.Length - 1)];
        var training = new ReadOnlyMemory<int>[sequences.Count];
        var cases = new List<RankingCase>();
        for (int user = 0; user < sequences.Count; user++)
        {
            ReadOnlySpan<long> at = times[user].Span;
            int old = 0;
            while (old < at.Length && at[old] < cut)
            {
                old++;
            }

            training[user] = sequences[user][..old];
            for (int next = Math.Max(1, old); next < at.Length; next++)
            {
                cases.Add(new RankingCase(user, sequences[user][..next], sequences[user].Span[next]));
            }
        }

        return new Split(training, cases);
    }
}
