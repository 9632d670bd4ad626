using System.Diagnostics;
using StreamRec.Training.Data;
using StreamRec.Training.Layers;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>The steps of one training: batches, shards, schedule. Shards run side by side, each with its own gradients.</summary>
internal sealed class TrainingRun
{
    private const int WarmUpSteps = 100, MeasuredSteps = 4;
    private const double ShareForSteps = 0.92;

    private readonly EncoderWeights _weights;
    private readonly ModelOptions _options;
    private readonly Pieces _pieces;
    private readonly AdamOptimizer _adam;
    private readonly Random _random;

    public TrainingRun(EncoderWeights weights, ModelOptions options, IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        (_weights, _options) = (weights, options);
        _pieces = new Pieces(training, options.PieceLength, options.BatchPositions);
        _adam = new AdamOptimizer(weights, options.WeightDecay, options.ClipNorm, options.Averaging);
        _random = new Random(options.Seed + 1);
        Networks = Enumerable.Range(0, options.Shards).Select(_ => new EncoderNetwork(weights, options)).ToArray();
    }

    public EncoderNetwork[] Networks { get; }

    /// <summary>The weights that are judged and kept.</summary>
    public Block[] Averaged() => _adam.Averaged();

    public int Step { get; private set; }

    public int TotalSteps { get; private set; }

    /// <summary>Passes begun at most.</summary>
    public int Epochs { get; private set; }

    /// <summary>Fixes the number of steps: from the epochs, or from the minutes and the time of a few steps without an update.</summary>
    public void Plan(long positions)
    {
        List<List<Piece>> batches = _pieces.Epoch(new Random(_options.Seed));
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

            Array.ForEach(Networks, network => network.Gradients.Clear());
            TotalSteps = Math.Max(1, (int)(minutes * 60 * ShareForSteps / seconds.Average()));
        }

        Epochs = (TotalSteps + batches.Count - 1) / batches.Count;
    }

    /// <summary>One pass, or what is left of it; the mean loss a position, and positions a second.</summary>
    public (double Loss, double PositionsPerSecond) Epoch(CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        double loss = 0;
        long positions = 0;
        foreach (List<Piece> batch in _pieces.Epoch(_random))
        {
            cancel.ThrowIfCancellationRequested();
            loss += Compute(batch, Step + 1);
            positions += batch.Sum(piece => (long)piece.Inputs.Length);
            _adam.Step([.. Networks.Select(network => network.Gradients)], Rate());
            if (++Step >= TotalSteps)
            {
                break;
            }
        }

        return (loss / positions, positions / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private float Rate()
    {
        double warm = Math.Min(1.0, (Step + 1.0) / Math.Min(WarmUpSteps, Math.Max(1, TotalSteps / 10)));
        return (float)(_options.LearningRate * warm * 0.5 * (1 + Math.Cos(Math.PI * Step / TotalSteps)));
    }

    /// <summary>Losses and gradients of a batch; longer and shorter pieces are dealt out evenly.</summary>
    private double Compute(List<Piece> batch, int step)
    {
        Piece[] sorted = [.. batch.OrderByDescending(piece => piece.Inputs.Length)];
        float scale = 1f / batch.Sum(piece => piece.Inputs.Length);
        var losses = new double[Networks.Length];
        Parallel.For(0, Networks.Length, shard =>
        {
            Piece[] own = [.. sorted.Where((_, at) => at % Networks.Length == shard)];
            if (own.Length > 0)
            {
                var packed = new PackedBatch([.. own.Select(p => p.Inputs)], [.. own.Select(p => p.Targets)]);
                ulong seed = ((ulong)(uint)_options.Seed << 32) ^ ((ulong)step * 1024) ^ (ulong)shard;
                losses[shard] = Networks[shard].ForwardBackward(packed, scale, seed * 0xD6E8FEB86659FD93UL);
            }
        });
        return losses.Sum();
    }
}
