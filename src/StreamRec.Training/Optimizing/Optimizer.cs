using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Training.Optimizing;

/// <summary>
/// AdamW: m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; w ← w − lr·(m̂/(√v̂ + ε) + decay·w), with bias-corrected m̂ and
/// v̂. Adagrad: v ← v + g²; w ← w − lr·(g/(√v + ε) + decay·w). SGD: m ← 0.9·m + g; w ← w − lr·(m + decay·w).
/// Decay applies to matrices, not to vectors. Of a sparse parameter only touched rows change.
/// </summary>
internal sealed unsafe class Optimizer
{
    private const float Beta1 = 0.9f,
        Beta2 = 0.98f,
        Epsilon = 1e-8f;
    private readonly EncoderWeights _weights;
    private readonly TrainingPlan _plan;
    private readonly Matrix[] _first,
        _second,
        _average;
    private readonly double[] _norms;
    private readonly WorkerTeam _team;
    private readonly Action<int> _sum,
        _update,
        _clear;
    private Gradients[] _shards = [];
    private float _clip,
        _rate;

    public Optimizer(EncoderWeights weights, TrainingPlan plan, WorkerTeam team)
    {
        (_weights, _plan, _team) = (weights, plan, team);
        (_sum, _update, _clear) = (Sum, Update, shard => _shards[shard].Clear());
        Matrix[] Blocks(bool wanted) =>
            wanted ? [.. weights.All.Select(p => new Matrix(p.Value.Rows, p.Value.Cols))] : [];
        _first = Blocks(plan.Optimizer != ModelOptions.Adagrad);
        _second = Blocks(plan.Optimizer != ModelOptions.Sgd);
        _average = plan.Averaging > 0 ? weights.Copy() : [];
        _norms = new double[weights.All.Count];
    }

    public int Steps { get; private set; }

    /// <summary>All that a later step depends on, beside <see cref="Steps"/> and the weights.</summary>
    public IEnumerable<Matrix> State => [.. _first, .. _second, .. _average];

    public void Resume(int steps) => Steps = steps;

    /// <summary>The running average of the weights; null where none is kept.</summary>
    public Matrix[]? Averaged => _average.Length == 0 ? null : _average;

    /// <summary>One step along the sum of the shards' gradients, added in the shards' order; clears them.</summary>
    public void Step(Gradients[] shards, float learningRate)
    {
        Steps++;
        (_shards, _rate) = (shards, learningRate);
        _team.Run(_weights.All.Count, _sum);
        var norm = Math.Sqrt(_norms.Sum());
        _clip = norm > _plan.ClipNorm ? (float)(_plan.ClipNorm / norm) : 1f;
        _team.Run(_weights.All.Count, _update);
        _team.Run(shards.Length, _clear);
    }

    private void Update(int index)
    {
        var parameter = _weights.All[index];
        if (!parameter.Sparse)
        {
            Update(parameter, 0, parameter.Value.Length, _shards[0][parameter].Data);
        }
        else
        {
            foreach (var row in _shards[0].Touched)
            {
                Update(
                    parameter,
                    (nint)row * parameter.Value.Cols,
                    parameter.Value.Cols,
                    _shards[0].Row(parameter, row)
                );
            }
        }
        parameter.Repack();
    }

    /// <summary>Adds the other shards' gradients to the first's, and takes the norm.</summary>
    private void Sum(int index)
    {
        var parameter = _weights.All[index];
        var shards = _shards;
        if (parameter.Sparse)
        {
            _norms[index] = SumRows(parameter);
            return;
        }
        var sum = shards[0][parameter];
        for (var shard = 1; shard < shards.Length; shard++)
        {
            ActivationKernels.Add(sum.Data, shards[shard][parameter].Data, sum.Length);
        }
        parameter.ToValue(sum);
        _norms[index] = ActivationKernels.Dot(sum.Data, sum.Data, sum.Length);
    }

    private double SumRows(Parameter parameter)
    {
        var cols = parameter.Value.Cols;
        for (var shard = 1; shard < _shards.Length; shard++)
        {
            foreach (var row in _shards[shard].Touched)
            {
                ActivationKernels.Add(_shards[0].Row(parameter, row), _shards[shard].Row(parameter, row), cols);
            }
        }
        double square = 0;
        foreach (var row in _shards[0].Touched)
        {
            var sum = _shards[0].Row(parameter, row);
            square += ActivationKernels.Dot(sum, sum, cols);
        }
        return square;
    }

    private void Update(Parameter parameter, nint from, int length, float* g)
    {
        var index = parameter.Index;
        float clip = _clip,
            rate = _rate;
        var w = parameter.Value.Data + from;
        var keep = parameter.Value.Rows > 1 ? 1f - (rate * _plan.WeightDecay) : 1f;
        switch (_plan.Optimizer)
        {
            case ModelOptions.Sgd:
                Momentum(w, g, _first[index].Data + from, length, clip, rate, keep);
                break;
            case ModelOptions.Adagrad:
                Adagrad(w, g, _second[index].Data + from, length, clip, rate, keep);
                break;
            default:
                Adam(w, g, _first[index].Data + from, _second[index].Data + from, length, clip, rate, keep);
                break;
        }
        if (_average.Length > 0)
        {
            // Young averages forget faster: the first weights are noise.
            var old = MathF.Min(_plan.Averaging, (1f + Steps) / (10f + Steps));
            ActivationKernels.Blend(_average[index].Data + from, old, w, 1f - old, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Adam(float* w, float* g, float* m, float* v, int length, float clip, float rate, float keep)
    {
        float correct1 = 1f - MathF.Pow(Beta1, Steps),
            correct2 = 1f - MathF.Pow(Beta2, Steps);
        Vector512<float> step = Vector512.Create(rate / correct1),
            root2 = Vector512.Create(1f / correct2);
        for (var i = 0; i < length; i += ActivationKernels.Width)
        {
            var grad = Vector512.Load(g + i) * Vector512.Create(clip);
            var mean = (Vector512.Load(m + i) * Vector512.Create(Beta1)) + (grad * Vector512.Create(1f - Beta1));
            var square =
                (Vector512.Load(v + i) * Vector512.Create(Beta2)) + (grad * grad * Vector512.Create(1f - Beta2));
            mean.Store(m + i);
            square.Store(v + i);
            var change = step * mean / (Vector512.Sqrt(square * root2) + Vector512.Create(Epsilon));
            ((Vector512.Load(w + i) * Vector512.Create(keep)) - change).Store(w + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Adagrad(float* w, float* g, float* v, int length, float clip, float rate, float keep)
    {
        for (var i = 0; i < length; i += ActivationKernels.Width)
        {
            var grad = Vector512.Load(g + i) * Vector512.Create(clip);
            var square = Vector512.Load(v + i) + (grad * grad);
            square.Store(v + i);
            var change = Vector512.Create(rate) * grad / (Vector512.Sqrt(square) + Vector512.Create(Epsilon));
            ((Vector512.Load(w + i) * Vector512.Create(keep)) - change).Store(w + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Momentum(float* w, float* g, float* m, int length, float clip, float rate, float keep)
    {
        for (var i = 0; i < length; i += ActivationKernels.Width)
        {
            var mean =
                (Vector512.Load(m + i) * Vector512.Create(Beta1)) + (Vector512.Load(g + i) * Vector512.Create(clip));
            mean.Store(m + i);
            ((Vector512.Load(w + i) * Vector512.Create(keep)) - (Vector512.Create(rate) * mean)).Store(w + i);
        }
    }
}
