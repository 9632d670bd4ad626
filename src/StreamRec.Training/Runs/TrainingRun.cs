using System.Diagnostics;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Optimizing;
using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>
/// The steps of one training: batches, shards, schedule. Shards run side by side, each with its own gradients.
/// </summary>
internal sealed class TrainingRun
{
    private const int WarmUpSteps = 100,
        MeasuredSteps = 4,
        StepsOfTrust = 20;
    private const double ShareForSteps = 0.92,
        Runaway = 2;

    private readonly EncoderWeights _weights;
    private readonly TrainingPlan _plan;
    private readonly TrainingPieces _pieces;
    private readonly Optimizer _optimizer;
    private readonly Gradients[] _gradients;
    private readonly PackedBatch[] _batches;
    private readonly double[] _losses;
    private readonly WorkerTeam _team = new(Environment.ProcessorCount);
    private readonly Action<int> _computeShard;
    private int _batch,
        _step;
    private float _scale;

    public TrainingRun(EncoderWeights weights, TrainingPlan plan, IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        (_weights, _plan) = (weights, plan);
        _pieces = new TrainingPieces(training, plan.PieceLength, plan.BatchPositions);
        _optimizer = new Optimizer(weights, plan, _team);
        Networks = [.. Enumerable.Range(0, plan.Shards).Select(_ => new EncoderNetwork(weights, plan))];
        _gradients = [.. Networks.Select(network => network.Gradients)];
        _batches = [.. Networks.Select(_ => new PackedBatch())];
        _losses = new double[Networks.Length];
        _computeShard = ComputeShard;
    }

    public EncoderNetwork[] Networks { get; }

    public int Step { get; private set; }

    public int TotalSteps { get; private set; }

    /// <summary>The mean loss a position of the first batch; NaN before it.</summary>
    public double FirstLoss { get; private set; } = double.NaN;

    /// <summary>
    /// The file from which this training can go on, for the message when it diverges; null: there is none.
    /// </summary>
    public string? Checkpoint { get; set; }

    /// <summary>Passes begun at most.</summary>
    public int Epochs { get; private set; }

    /// <summary>
    /// All that later steps depend on, beside <see cref="Step"/>, <see cref="TotalSteps"/> and the number of the epoch.
    /// </summary>
    public IEnumerable<Matrix> State => [.. _weights.All.Select(parameter => parameter.Value), .. _optimizer.State];

    /// <summary>The weights that are judged and kept; null: the weights themselves.</summary>
    public Matrix[]? Averaged => _optimizer.Averaged;

    /// <summary>
    /// Fixes the number of steps: from the epochs, or from the minutes and the time of a few steps without an update.
    /// </summary>
    public void Plan()
    {
        Cut(1);
        var batches = _pieces.Batches;
        TotalSteps = Math.Max(_plan.LeastSteps, _plan.Epochs * batches);
        if (_plan.Steps is int steps)
        {
            TotalSteps = steps;
        }
        else if (_plan.Minutes is double minutes)
        {
            var seconds = new double[MeasuredSteps];
            for (var i = -1; i < MeasuredSteps; i++)
            {
                var start = Stopwatch.GetTimestamp();
                Compute((i + 1) % batches, 0);
                _weights.Repack();
                seconds[Math.Max(0, i)] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            Array.ForEach(_gradients, gradients => gradients.Clear());
            TotalSteps = Math.Max(1, (int)(minutes * 60 * ShareForSteps / seconds.Average()));
        }
        Epochs = (TotalSteps + batches - 1) / batches;
    }

    /// <summary>
    /// Goes on where a run of the same options and data stood, its <see cref="State"/> being in place.
    /// </summary>
    public void Resume(int step, int totalSteps, double firstLoss)
    {
        (Step, TotalSteps, FirstLoss) = (step, totalSteps, firstLoss);
        _optimizer.Resume(step);
        _weights.Repack();
    }

    /// <summary>One pass, or what is left of it; the mean loss a position, and positions a second.</summary>
    /// <param name="number">From 1: it decides how the data are cut and shuffled.</param>
    /// <exception cref="StreamRecException">The loss is no number, or has run away.</exception>
    public (double Loss, double PositionsPerSecond) Epoch(int number, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        double loss = 0;
        long positions = 0;
        Cut(number);
        for (var batch = 0; batch < _pieces.Batches; batch++)
        {
            cancel.ThrowIfCancellationRequested();
            (var batchLoss, var count) = Compute(batch, Step + 1);
            Trust(batchLoss / count);
            loss += batchLoss;
            positions += count;
            _optimizer.Step(_gradients, Rate());
            if (++Step >= TotalSteps)
            {
                break;
            }
        }
        return (loss / positions, positions / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private void Cut(int number) => _pieces.Epoch(new Random(unchecked((_plan.Seed * 1_000_003) + number)));

    private void Trust(double loss)
    {
        if (double.IsNaN(FirstLoss))
        {
            FirstLoss = loss;
        }
        if (!double.IsFinite(loss) || (Step > StepsOfTrust && loss > Runaway * FirstLoss))
        {
            throw new StreamRecException(
                $"Training diverged at step {Step + 1}: the loss is {loss}, and was {FirstLoss:F3} at first. "
                    + $"Lower learning_rate (it is {_plan.LearningRate}) or clip_norm (it is {_plan.ClipNorm})."
                    + (
                        Checkpoint is null
                            ? ""
                            : $" The checkpoint {Checkpoint} is kept, and is of these options alone: "
                                + "delete it to train with others."
                    ),
                FaultKind.Input
            );
        }
    }

    private float Rate()
    {
        var warm = Math.Min(1.0, (Step + 1.0) / Math.Min(WarmUpSteps, Math.Max(1, TotalSteps / 10)));
        var done = Step / (double)TotalSteps;
        return (float)(
            _plan.LearningRate
            * warm
            * _plan.Schedule switch
            {
                ModelOptions.Constant => 1,
                ModelOptions.LinearFall => 1 - done,
                _ => 0.5 * (1 + Math.Cos(Math.PI * done)),
            }
        );
    }

    /// <summary>Loss and gradients of a batch.</summary>
    private (double Loss, int Positions) Compute(int batch, int step)
    {
        var positions = 0;
        foreach (var piece in _pieces.Batch(batch))
        {
            positions += piece.Inputs.Length;
        }
        (_batch, _step, _scale) = (batch, step, 1f / positions);
        _team.Run(Networks.Length, _computeShard);
        double loss = 0;
        foreach (var part in _losses)
        {
            loss += part;
        }
        return (loss, positions);
    }

    /// <summary>
    /// A batch's pieces are sorted by length: every nth of them is as long in the sum as any other nth.
    /// </summary>
    private void ComputeShard(int shard)
    {
        _losses[shard] = 0;
        _batches[shard].Fill(_pieces.Batch(_batch), shard, Networks.Length);
        if (_batches[shard].Positions > 0)
        {
            var seed = ((ulong)(uint)_plan.Seed << 32) ^ ((ulong)_step * 1024) ^ (ulong)shard;
            _losses[shard] = Networks[shard].ForwardBackward(_batches[shard], _scale, seed * 0xD6E8FEB86659FD93UL);
        }
    }
}
