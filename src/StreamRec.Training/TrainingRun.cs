using System.Diagnostics;
using StreamRec.Training.Data;
using StreamRec.Training.Layers;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>The steps of one training: batches, shards, schedule. Shards run side by side, each with its own gradients.</summary>
internal sealed class TrainingRun
{
    private const int WarmUpSteps = 100, MeasuredSteps = 4, StepsOfTrust = 20;
    private const double ShareForSteps = 0.92, Runaway = 2;

    private readonly EncoderWeights _weights;
    private readonly ModelOptions _options;
    private readonly Pieces _pieces;
    private readonly Optimizer _optimizer;
    private readonly Gradients[] _gradients;
    private readonly PackedBatch[] _batches;
    private readonly double[] _losses;
    private double _firstLoss = double.NaN;

    public TrainingRun(EncoderWeights weights, ModelOptions options, IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        (_weights, _options) = (weights, options);
        _pieces = new Pieces(training, options.PieceLength, options.BatchPositions);
        _optimizer = new Optimizer(weights, options);
        Networks = [.. Enumerable.Range(0, options.Shards).Select(_ => new EncoderNetwork(weights, options))];
        _gradients = [.. Networks.Select(network => network.Gradients)];
        _batches = [.. Networks.Select(_ => new PackedBatch())];
        _losses = new double[Networks.Length];
    }

    public EncoderNetwork[] Networks { get; }

    public int Step { get; private set; }

    public int TotalSteps { get; private set; }

    /// <summary>Passes begun at most.</summary>
    public int Epochs { get; private set; }

    /// <summary>All that later steps depend on, beside <see cref="Step"/>, <see cref="TotalSteps"/> and the number of the epoch.</summary>
    public IEnumerable<Block> State => [.. _weights.All.Select(parameter => parameter.Value), .. _optimizer.State];

    /// <summary>The weights that are judged and kept.</summary>
    public Block[] Averaged() => _optimizer.Averaged();

    /// <summary>Fixes the number of steps: from the epochs, or from the minutes and the time of a few steps without an update.</summary>
    public void Plan()
    {
        List<List<Piece>> batches = EpochBatches(1);
        TotalSteps = _options.Epochs * batches.Count;
        if (_options.Steps is int steps)
        {
            TotalSteps = steps;
        }
        else if (_options.Minutes is double minutes)
        {
            var seconds = new double[MeasuredSteps];
            for (int i = -1; i < MeasuredSteps; i++)
            {
                long start = Stopwatch.GetTimestamp();
                Compute(batches[(i + 1) % batches.Count], 0);
                _weights.Repack();
                seconds[Math.Max(0, i)] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            Array.ForEach(_gradients, gradients => gradients.Clear());
            TotalSteps = Math.Max(1, (int)(minutes * 60 * ShareForSteps / seconds.Average()));
        }

        Epochs = (TotalSteps + batches.Count - 1) / batches.Count;
    }

    /// <summary>Goes on where a run of the same options and data stood, its <see cref="State"/> being in place.</summary>
    public void Resume(int step, int totalSteps)
    {
        (Step, TotalSteps) = (step, totalSteps);
        _optimizer.Resume(step);
        _weights.Repack();
    }

    /// <summary>One pass, or what is left of it; the mean loss a position, and positions a second.</summary>
    /// <param name="number">From 1: it decides how the data are cut and shuffled.</param>
    /// <exception cref="StreamRecException">The loss is no number, or has run away.</exception>
    public (double Loss, double PositionsPerSecond) Epoch(int number, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        double loss = 0;
        long positions = 0;
        foreach (List<Piece> batch in EpochBatches(number))
        {
            cancel.ThrowIfCancellationRequested();
            (double batchLoss, int count) = Compute(batch, Step + 1);
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

    private List<List<Piece>> EpochBatches(int number) => _pieces.Epoch(new Random(unchecked((_options.Seed * 1_000_003) + number)));

    private void Trust(double loss)
    {
        if (double.IsNaN(_firstLoss))
        {
            _firstLoss = loss;
        }

        if (!double.IsFinite(loss) || (Step > StepsOfTrust && loss > Runaway * _firstLoss))
        {
            throw new StreamRecException(
                $"Training diverged at step {Step + 1}: the loss is {loss}, and was {_firstLoss:F3} at first. "
                + $"Lower learning_rate (it is {_options.LearningRate}) or clip_norm (it is {_options.ClipNorm}); the last good checkpoint is kept.",
                ExitCode.BadInput);
        }
    }

    private float Rate()
    {
        double warm = Math.Min(1.0, (Step + 1.0) / Math.Min(WarmUpSteps, Math.Max(1, TotalSteps / 10)));
        double done = Step / (double)TotalSteps;
        return (float)(_options.LearningRate * warm * _options.Schedule switch
        {
            ModelOptions.Constant => 1,
            ModelOptions.LinearFall => 1 - done,
            _ => 0.5 * (1 + Math.Cos(Math.PI * done)),
        });
    }

    /// <summary>Losses and gradients of a batch, its pieces being sorted by length, so that shards get longer and shorter ones alike.</summary>
    private (double Loss, int Positions) Compute(List<Piece> batch, int step)
    {
        int positions = 0, shards = Networks.Length;
        foreach (Piece piece in batch)
        {
            positions += piece.Inputs.Length;
        }

        float scale = 1f / positions;
        Parallel.For(0, shards, shard =>
        {
            int own = (batch.Count - shard + shards - 1) / shards;
            _losses[shard] = 0;
            if (own > 0)
            {
                _batches[shard].Fill(own, at => batch[(at * shards) + shard].Inputs, at => batch[(at * shards) + shard].Targets);
                ulong seed = ((ulong)(uint)_options.Seed << 32) ^ ((ulong)step * 1024) ^ (ulong)shard;
                _losses[shard] = Networks[shard].ForwardBackward(_batches[shard], scale, seed * 0xD6E8FEB86659FD93UL);
            }
        });
        double loss = 0;
        foreach (double part in _losses)
        {
            loss += part;
        }

        return (loss, positions);
    }
}
