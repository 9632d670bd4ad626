using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;

namespace StreamRec.Training.Losses;

/// <summary>
/// Cross entropy over all items at every position, scores u·v_i + b_i: loss = Σ_p −Σ_i y_pi·ln softmax(u_p·Vᵀ + b)_i,
/// y being 1−ε at the target plus ε/N everywhere. In chunks of positions, so that the scores [96,V] stay in cache.
/// </summary>
internal sealed unsafe class SoftmaxLoss(
    Parameter embedding,
    Parameter bias,
    int items,
    float smoothing,
    bool biased = true
) : ILoss
{
    private const int Chunk = 96;
    private const float Excluded = -1e30f;
    private readonly Matrix _scores = new(),
        _du = new();
    private readonly PackedMatrix _packedUsers = new();

    /// <summary>∂loss/∂u [P,D] of the last call.</summary>
    public Matrix UserGradient => _du;

    /// <summary>The sum of the positions' losses; adds every gradient times <paramref name="scale"/>.</summary>
    public double ForwardBackward(Matrix users, ReadOnlySpan<int> targets, float scale, ulong seed, Gradients gradients)
    {
        int v = embedding.Value.Rows,
            d = users.Cols;
        _du.Resize(users.Rows, d);
        double loss = 0;
        for (var from = 0; from < users.Rows; from += Chunk)
        {
            var rows = Math.Min(Chunk, users.Rows - from);
            _scores.Resize(rows, v);
            Gemm.Multiply(users.Row(from), d, 1, rows, embedding.PackedTransposed, _scores.Data, v, accumulate: false);
            for (var row = 0; row < rows; row++)
            {
                loss += RowLoss(_scores.Row(row), targets[from + row], scale);
            }
            Gemm.Multiply(_scores.Data, v, 1, rows, embedding.Packed, _du.Row(from), d, accumulate: false);
            Gemm.AddTransposed(_scores, _packedUsers.Pack(users.Row(from), rows, d, d), gradients[embedding]);
            if (biased)
            {
                ActivationKernels.AddRows(_scores, gradients[bias].Data);
            }
        }
        return loss;
    }

    /// <summary>scores [V]: in, u·Vᵀ; out, scale·(softmax − y), and zero at 0 and beyond N.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double RowLoss(float* scores, int target, float scale)
    {
        var v = embedding.Value.Rows;
        var biases = bias.Value.Data;
        // Padding columns must neither be the maximum nor add to the sum.
        scores[0] = Excluded;
        new Span<float>(scores + items + 1, v - items - 1).Fill(Excluded);
        Vector512<float> top = Vector512.Create(Excluded);
        for (var k = 0; k < v; k += ActivationKernels.Width)
        {
            var s = Vector512.Load(scores + k) + Vector512.Load(biases + k);
            s.Store(scores + k);
            top = Vector512.Max(top, s);
        }
        var max = ActivationKernels.MaxLane(top);
        var targetScore = scores[target] - max;
        double mean =
            smoothing > 0 ? (TensorPrimitives.Sum(new ReadOnlySpan<float>(scores + 1, items)) / items) - max : 0;
        Vector512<float> sum = default,
            shift = Vector512.Create(max);
        for (var k = 0; k < v; k += ActivationKernels.Width)
        {
            var e = ActivationKernels.Exp(Vector512.Load(scores + k) - shift);
            e.Store(scores + k);
            sum += e;
        }
        var z = Vector512.Sum(sum);
        Vector512<float> factor = Vector512.Create(scale / z),
            even = Vector512.Create(scale * smoothing / items);
        for (var k = 0; k < v; k += ActivationKernels.Width)
        {
            ((Vector512.Load(scores + k) * factor) - even).Store(scores + k);
        }
        scores[target] -= scale * (1f - smoothing);
        scores[0] = 0f;
        new Span<float>(scores + items + 1, v - items - 1).Clear();
        return Math.Log(z) - ((1 - smoothing) * targetScore) - (smoothing * mean);
    }
}
