using StreamRec.Evaluation;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Towers;

/// <summary>Ranks among items that are new together, by scores of users and items.</summary>
internal static class NewItems
{
    private const int Chunk = 64;

    /// <summary>Scores u·v of some users and items, shown user by user.</summary>
    /// <param name="users">[B,K].</param>
    /// <param name="which">Rows of it.</param>
    /// <param name="vectors">[M,K], row-major.</param>
    /// <param name="show">A place in <paramref name="which"/>, and M scores.</param>
    public static void Score(
        float[] users,
        IReadOnlyList<int> which,
        float[] vectors,
        int wide,
        Action<int, Memory<float>> show,
        CancellationToken cancel
    )
    {
        var items = vectors.Length / wide;
        if (items == 0 || which.Count == 0)
        {
            return;
        }
        var table = new Matrix(items, wide);
        vectors.CopyTo(table.Span);
        var packed = new PackedMatrix().Pack(table, transpose: true);
        var (asked, scores) = (new Matrix(), new Matrix());
        var row = new float[items];
        for (var from = 0; from < which.Count; from += Chunk)
        {
            cancel.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, which.Count - from);
            asked.Resize(count, wide);
            for (var at = 0; at < count; at++)
            {
                users.AsSpan(which[from + at] * wide, wide).CopyTo(asked.RowSpan(at));
            }
            Gemm.Multiply(asked, packed, scores.Resize(count, items));
            for (var at = 0; at < count; at++)
            {
                scores.RowSpan(at).CopyTo(row);
                show(from + at, row);
            }
        }
    }

    /// <summary>The rank of a target, from 1; ties count against it. What is −∞ is not listed.</summary>
    public static int RankOf(ReadOnlySpan<float> scores, int target)
    {
        var (limit, rank) = (scores[target], 0);
        foreach (var score in scores)
        {
            rank += score >= limit ? 1 : 0;
        }
        return float.IsFinite(limit) ? rank : RankingMetrics.Miss;
    }
}
