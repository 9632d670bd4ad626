using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Training.Layers;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>
/// AdamW: m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; w ← w − lr·(m̂/(√v̂ + ε) + decay·w), with bias-corrected m̂ and v̂.
/// Decay applies to matrices, not to biases and the attention's score.
/// </summary>
internal sealed unsafe class AdamOptimizer(EncoderWeights weights, float decay, float clipNorm, float averaging)
{
    private const float Beta1 = 0.9f, Beta2 = 0.98f, Epsilon = 1e-8f;
    private readonly Gradients _first = new(weights.All), _second = new(weights.All);
    private readonly Block[]? _average = averaging > 0 ? weights.Copy() : null;
    private int _steps;

    /// <summary>A copy of the running average of the weights, or of the weights themselves where none is kept.</summary>
    public Block[] Averaged() => _average is null ? weights.Copy() : [.. _average.Select(block =>
    {
        var copy = new Block();
        copy.CopyFrom(block);
        return copy;
    })];

    /// <summary>One step along the sum of the shards' gradients, added in the shards' order; clears them.</summary>
    public void Step(IReadOnlyList<Gradients> shards, float learningRate)
    {
        _steps++;
        var norms = new double[weights.All.Count];
        Parallel.ForEach(weights.All, parameter =>
        {
            Block sum = shards[0][parameter];
            foreach (Gradients shard in shards.Skip(1))
            {
                Simd.Add(sum.Data, shard[parameter].Data, sum.Length);
            }

            parameter.ToValue(sum);
            norms[parameter.Index] = Simd.Dot(sum.Data, sum.Data, sum.Length);
        });
        double norm = Math.Sqrt(norms.Sum());
        float clip = norm > clipNorm ? (float)(clipNorm / norm) : 1f;
        Parallel.ForEach(weights.All, parameter =>
        {
            Update(parameter, shards[0][parameter], clip, learningRate);
            if (_average is not null)
            {
                // Young averages forget faster: the first weights are noise.
                float keep = MathF.Min(averaging, (1f + _steps) / (10f + _steps));
                Simd.Blend(_average[parameter.Index].Data, keep, parameter.Value.Data, 1f - keep, parameter.Value.Length);
            }

            foreach (Gradients shard in shards)
            {
                shard[parameter].Clear();
            }

            parameter.Repack();
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(Parameter parameter, Block gradient, float clip, float learningRate)
    {
        float correct1 = 1f - MathF.Pow(Beta1, _steps), correct2 = 1f - MathF.Pow(Beta2, _steps);
        float* w = parameter.Value.Data, m = _first[parameter].Data, v = _second[parameter].Data, g = gradient.Data;
        Vector512<float> rate = Vector512.Create(learningRate / correct1), keep = Vector512.Create(
            parameter.Value.Rows > 1 ? 1f - (learningRate * decay) : 1f);
        Vector512<float> root2 = Vector512.Create(1f / correct2), epsilon = Vector512.Create(Epsilon);
        for (int i = 0; i < gradient.Length; i += Simd.Width)
        {
            Vector512<float> grad = Vector512.Load(g + i) * Vector512.Create(clip);
            Vector512<float> mean = (Vector512.Load(m + i) * Vector512.Create(Beta1)) + (grad * Vector512.Create(1f - Beta1));
            Vector512<float> square =
                (Vector512.Load(v + i) * Vector512.Create(Beta2)) + (grad * grad * Vector512.Create(1f - Beta2));
            mean.Store(m + i);
            square.Store(v + i);
            Vector512<float> change = rate * mean / (Vector512.Sqrt(square * root2) + epsilon);
            ((Vector512.Load(w + i) * keep) - change).Store(w + i);
        }
    }
}
