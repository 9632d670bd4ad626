namespace StreamRec.Evaluation;

/// <summary>A question with a known answer: what came after this history, oldest first?</summary>
public readonly record struct RankingCase(int User, ReadOnlyMemory<int> History, int Target)
{
    /// <summary>The newest item of the history, 0 where there is none.</summary>
    public int Last => History.IsEmpty ? 0 : History.Span[^1];
}

/// <summary>What may be trained on, per user, and what is asked afterwards.</summary>
public sealed record Split(IReadOnlyList<ReadOnlyMemory<int>> Training, IReadOnlyList<RankingCase> Cases);

/// <summary>Ways to hold out data.</summary>
public static class Splits
{
    /// <summary>
    /// Each user's last event is the target; users with fewer than <paramref name="minimum"/> events only train.
    /// </summary>
    public static Split LeaveOneOut(IReadOnlyList<ReadOnlyMemory<int>> sequences, int minimum = 3)
    {
        var training = new ReadOnlyMemory<int>[sequences.Count];
        var cases = new List<RankingCase>();
        for (var user = 0; user < sequences.Count; user++)
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

    /// <summary>
    /// The sequences that began last are held out whole, for data in which a sequence is a session: every event of them
    /// but the first is a target, of the prefix before it; the rest trains.
    /// </summary>
    /// <param name="times">Milliseconds of each event, ascending within a sequence.</param>
    /// <param name="trainingShare">The share of the sequences, oldest first, that train; at equal times in their
    /// order.</param>
    public static Split BySession(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        double trainingShare = 0.9
    )
    {
        int[] order =
        [
            .. Enumerable.Range(0, sequences.Count).Where(at => times[at].Length > 0).OrderBy(at => times[at].Span[0]),
        ];
        var held = order.Skip(Math.Max(1, (int)(order.Length * trainingShare))).ToHashSet();
        ReadOnlyMemory<int>[] training =
        [
            .. sequences.Select((sequence, at) => held.Contains(at) ? default : sequence),
        ];
        return new Split(
            training,
            [
                .. held.Order()
                    .SelectMany(at =>
                        Enumerable
                            .Range(1, sequences[at].Length - 1)
                            .Select(next => new RankingCase(at, sequences[at][..next], sequences[at].Span[next]))
                    ),
            ]
        );
    }

    /// <summary>
    /// The newest events are a stream of targets, in order of time, each with all that its user did before it; the rest
    /// trains.
    /// </summary>
    /// <param name="times">Milliseconds of each event, ascending within a user.</param>
    /// <param name="trainingShare">The share of all events, oldest first, that trains.</param>
    public static Split ByTime(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        double trainingShare = 0.8
    )
    {
        var sorted = new long[times.Sum(user => (long)user.Length)];
        var filled = 0;
        foreach (ReadOnlyMemory<long> user in times)
        {
            user.Span.CopyTo(sorted.AsSpan(filled));
            filled += user.Length;
        }
        Array.Sort(sorted);
        var cut =
            sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)(sorted.Length * trainingShare), 0, sorted.Length - 1)];
        var training = new ReadOnlyMemory<int>[sequences.Count];
        var stream = new List<(long Time, RankingCase Case)>();
        for (var user = 0; user < sequences.Count; user++)
        {
            ReadOnlySpan<long> at = times[user].Span;
            var old = 0;
            while (old < at.Length && at[old] < cut)
            {
                old++;
            }
            training[user] = sequences[user][..old];
            for (var next = old; next < at.Length; next++)
            {
                stream.Add((at[next], new RankingCase(user, sequences[user][..next], sequences[user].Span[next])));
            }
        }
        // A stable sort: at equal times by user, and within a user in order.
        return new Split(training, [.. stream.OrderBy(asked => asked.Time).Select(asked => asked.Case)]);
    }
}
