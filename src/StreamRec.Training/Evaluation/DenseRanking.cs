using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Evaluation;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Evaluation;

/// <summary>
/// Ranks of targets among all items by u·v_i + b_i, for many users at once: a matrix product and a count, in slices of
/// items, so that memory does not grow with users times items. Safe for several threads.
/// </summary>
public sealed unsafe class DenseRanking
{
    private const int Slice = 4096,
        Chunk = 64;
    private readonly Matrix _vectors = new();
    private readonly PackedMatrix[] _slices;
    private readonly float[] _biases;

    /// <param name="vectors">[N+1,D], row-major; row 0 is padding.</param>
    /// <param name="dimension">D.</param>
    /// <param name="biases">N+1, or empty.</param>
    public DenseRanking(ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> biases)
    {
        int rows = vectors.Length / dimension,
            padded = (rows + ActivationKernels.Width - 1) / ActivationKernels.Width * ActivationKernels.Width;
        _vectors.Resize(padded, dimension).Clear();
        vectors.CopyTo(_vectors.Span);
        _biases = new float[padded];
        biases.CopyTo(_biases);
        // Below every score: padding is never counted.
        _biases[0] = float.NegativeInfinity;
        _biases.AsSpan(rows).Fill(float.NegativeInfinity);
        _slices = new PackedMatrix[(padded + Slice - 1) / Slice];
        Parallel.For(
            0,
            _slices.Length,
            slice =>
                _slices[slice] = new PackedMatrix().PackTransposed(
                    _vectors.Row(slice * Slice),
                    dimension,
                    Math.Min(Slice, padded - (slice * Slice)),
                    dimension
                )
        );
    }

    /// <summary>Writes each target's rank, from 1; ties count against it. Index 0 as a target is a miss.</summary>
    /// <param name="users">[B,D], row-major.</param>
    /// <param name="targets">B item indices.</param>
    /// <param name="excluded">B lists of different items that are left out of the ranking; the target never is.</param>
    public void Rank(
        ReadOnlyMemory<float> users,
        IReadOnlyList<int> targets,
        IReadOnlyList<int[]> excluded,
        Memory<int> ranks
    )
    {
        var chunks = (targets.Count + Chunk - 1) / Chunk;
        Parallel.For(
            0,
            chunks,
            () => (Users: new Matrix(), Targets: new Matrix(), Scores: new Matrix(), Packed: new PackedMatrix()),
            (chunk, _, own) =>
            {
                int from = chunk * Chunk,
                    count = Math.Min(Chunk, targets.Count - from);
                users
                    .Span.Slice(from * _vectors.Cols, count * _vectors.Cols)
                    .CopyTo(own.Users.Resize(count, _vectors.Cols).Span);
                var limits = Limits(own.Users, own.Targets, own.Scores, own.Packed, targets, from);
                var result = ranks.Span.Slice(from, count);
                result.Clear();
                for (var slice = 0; slice < _slices.Length; slice++)
                {
                    Gemm.Multiply(own.Users, _slices[slice], own.Scores.Resize(count, _slices[slice].N));
                    for (var row = 0; row < count; row++)
                    {
                        var scores = own.Scores.RowSpan(row);
                        result[row] +=
                            Count(scores, _biases.AsSpan(slice * Slice, scores.Length), limits[row])
                            - Passed(scores, slice * Slice, limits[row], targets[from + row], excluded[from + row]);
                    }
                }
                for (var row = 0; row < count; row++)
                {
                    result[row] =
                        targets[from + row] > 0 && float.IsFinite(limits[row]) ? result[row] : RankingMetrics.Miss;
                }
                return own;
            },
            _ => { }
        );
    }

    /// <summary>
    /// The targets' own scores, by the same products in the same order, so that equal vectors tie exactly.
    /// </summary>
    private float[] Limits(
        Matrix users,
        Matrix gathered,
        Matrix scores,
        PackedMatrix packed,
        IReadOnlyList<int> targets,
        int from
    )
    {
        gathered.Resize(users.Rows, users.Cols);
        for (var row = 0; row < users.Rows; row++)
        {
            _vectors.RowSpan(targets[from + row]).CopyTo(gathered.RowSpan(row));
        }
        Gemm.Multiply(users, packed.Pack(gathered, transpose: true), scores.Resize(users.Rows, users.Rows));
        var limits = new float[users.Rows];
        for (var row = 0; row < limits.Length; row++)
        {
            limits[row] = scores.RowSpan(row)[row] + _biases[targets[from + row]];
        }
        return limits;
    }

    /// <summary>Adds the biases; how many scores reach the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Count(Span<float> scores, ReadOnlySpan<float> biases, float limit)
    {
        var count = 0;
        Vector512<float> least = Vector512.Create(limit);
        fixed (
            float* s = scores,
                b = biases
        )
        {
            for (var k = 0; k < scores.Length; k += ActivationKernels.Width)
            {
                var score = Vector512.Load(s + k) + Vector512.Load(b + k);
                score.Store(s + k);
                count += (int)ulong.PopCount(Vector512.GreaterThanOrEqual(score, least).ExtractMostSignificantBits());
            }
        }
        return count;
    }

    private static int Passed(Span<float> scores, int first, float limit, int target, int[] excluded)
    {
        var passed = 0;
        foreach (var item in excluded)
        {
            passed +=
                item != target && (uint)(item - first) < (uint)scores.Length && scores[item - first] >= limit ? 1 : 0;
        }
        return passed;
    }
}
