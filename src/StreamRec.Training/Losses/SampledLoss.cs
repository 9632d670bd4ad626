using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;
using StreamRec.Training.Options;

namespace StreamRec.Training.Losses;

/// <summary>
/// A loss against S drawn items, shared by a chunk of positions. With s_t the target's score and s_k those of the
/// drawn: sampled softmax: −ln(e^s_t / (e^s_t + N/S · Σ e^s_k)), whose sum estimates that of the full one without bias;
/// BCE: −ln σ(s_t) − Σ_k ln σ(−s_k) / S; BPR: −Σ_k ln σ(s_t − s_k) / S. All N items are drawn alike; a drawn target
/// adds nothing to a sum, and is counted in S.
/// </summary>
internal sealed unsafe class SampledLoss(
    Parameter embedding,
    Parameter bias,
    int items,
    string kind,
    int samples,
    bool biased
) : ILoss
{
    private const int Chunk = 256;
    private readonly int[] _drawn = new int[samples];
    private readonly Matrix _du = new(),
        _vectors = new(),
        _scores = new(),
        _dVectors = new();
    private readonly PackedMatrix _packed = new(),
        _packedTransposed = new(),
        _packedUsers = new();

    public Matrix UserGradient => _du;

    public double ForwardBackward(Matrix users, ReadOnlySpan<int> targets, float scale, ulong seed, Gradients gradients)
    {
        var d = users.Cols;
        var dBias = gradients[bias].Data;
        _du.Resize(users.Rows, d);
        double loss = 0;
        var state = seed ^ 0x5851F42D4C957F2DUL;
        for (var from = 0; from < users.Rows; from += Chunk)
        {
            var rows = Math.Min(Chunk, users.Rows - from);
            Draw(ref state, d);
            Gemm.Multiply(
                users.Row(from),
                d,
                1,
                rows,
                _packedTransposed,
                _scores.Resize(rows, samples).Data,
                samples,
                accumulate: false
            );
            for (var row = 0; row < rows; row++)
            {
                var target = targets[from + row];
                float* user = users.Row(from + row),
                    vector = embedding.Seen.Row(target);
                var own = ActivationKernels.Dot(user, vector, d) + (biased ? bias.Value.Data[target] : 0f);
                var scores = _scores.RowSpan(row);
                for (var k = 0; k < samples; k++)
                {
                    scores[k] =
                        _drawn[k] == target
                            ? float.NegativeInfinity
                            : scores[k] + (biased ? bias.Value.Data[_drawn[k]] : 0f);
                }
                (var value, var dOwn) = kind switch
                {
                    ModelOptions.Bpr => Bpr(scores, own),
                    ModelOptions.Bce => Bce(scores, own),
                    _ => Softmax(scores, own),
                };
                loss += value;
                for (var k = 0; k < samples; k++)
                {
                    scores[k] *= scale;
                    dBias[_drawn[k]] += biased ? scores[k] : 0f;
                }
                dBias[target] += biased ? scale * dOwn : 0f;
                ActivationKernels.Scale(_du.Row(from + row), vector, scale * dOwn, d);
                ActivationKernels.Blend(gradients.Row(embedding, target), 1f, user, scale * dOwn, d);
            }
            Gemm.Multiply(_scores.Data, samples, 1, rows, _packed, _du.Row(from), d, accumulate: true);
            _dVectors.Resize(samples, d).Clear();
            Gemm.AddTransposed(_scores, _packedUsers.Pack(users.Row(from), rows, d, d), _dVectors);
            for (var k = 0; k < samples; k++)
            {
                ActivationKernels.Add(gradients.Row(embedding, _drawn[k]), _dVectors.Row(k), d);
            }
        }
        return loss;
    }

    private void Draw(ref ulong state, int d)
    {
        _vectors.Resize(samples, d);
        for (var k = 0; k < samples; k++)
        {
            state += 0x9E3779B97F4A7C15UL;
            var bits = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
            _drawn[k] = 1 + (int)(((bits ^ (bits >> 31)) >> 32) * (ulong)items >> 32);
            embedding.Seen.RowSpan(_drawn[k]).CopyTo(_vectors.RowSpan(k));
        }
        _packed.Pack(_vectors);
        _packedTransposed.Pack(_vectors, transpose: true);
    }

    /// <summary>
    /// Scores become their gradients; returns the loss and the target's gradient. So do the two below.
    /// </summary>
    private (double Loss, float Own) Softmax(Span<float> scores, float own)
    {
        float shift = MathF.Log((float)items / samples),
            top = own;
        foreach (var score in scores)
        {
            top = MathF.Max(top, score + shift);
        }
        var sum = Math.Exp(own - top);
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = MathF.Exp(scores[k] + shift - top);
            sum += scores[k];
        }
        var inverse = (float)(1 / sum);
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] *= inverse;
        }
        return (Math.Log(sum) - (own - top), (float)(Math.Exp(own - top) / sum) - 1f);
    }

    private (double Loss, float Own) Bce(Span<float> scores, float own)
    {
        var loss = SoftPlus(-own);
        for (var k = 0; k < scores.Length; k++)
        {
            loss += SoftPlus(scores[k]) / samples;
            scores[k] = Sigmoid(scores[k]) / samples;
        }
        return (loss, -Sigmoid(-own));
    }

    private (double Loss, float Own) Bpr(Span<float> scores, float own)
    {
        double loss = 0;
        float dOwn = 0;
        for (var k = 0; k < scores.Length; k++)
        {
            loss += SoftPlus(scores[k] - own) / samples;
            scores[k] = Sigmoid(scores[k] - own) / samples;
            dOwn -= scores[k];
        }
        return (loss, dOwn);
    }

    private static float Sigmoid(float x) => 1f / (1f + MathF.Exp(-x));

    /// <summary>ln(1 + e^x), 0 at −∞.</summary>
    private static double SoftPlus(double x) => x > 30 ? x : Math.Log(1 + Math.Exp(x));
}
