using System.Diagnostics;
using System.Text.Json;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Benchmarks;

/// <summary>
/// Training steps, dropout, update and dealing of pieces included: 3,416 items, window 200, 32 sequences a step, full
/// softmax. Positions a second of the wall clock, and of the process's processor time times the processors, which other
/// work does not change.
/// </summary>
internal static class TrainingTable
{
    private const int Items = 3416,
        Length = 200,
        Sequences = 32,
        Steps = 10,
        Rounds = 5;

    public static void Run(bool json, int[] dimensions)
    {
        foreach (var dimension in dimensions)
        {
            foreach (var residual in (bool[])[false, true])
            {
                Row row = Measure(dimension, residual);
                Console.WriteLine(
                    json
                        ? JsonSerializer.Serialize(row)
                        : $"D={row.dimension} residual={row.residual}: "
                            + $"{row.positions_per_s:F0} positions/s, {row.positions_per_cpu_s * row.processors:F0} by "
                            + $"processor time on {row.processors}, {row.bytes_per_step} bytes a step"
                );
            }
        }
    }

    private static Row Measure(int dimension, bool residual)
    {
        var random = new Random(1);
        // One input more than the length, so that a sequence is one piece, and a step 32 of them.
        ReadOnlyMemory<int>[] sequences =
        [
            .. Enumerable
                .Range(0, Sequences * Steps)
                .Select(_ =>
                    (ReadOnlyMemory<int>)
                        Enumerable.Range(0, Length + 1).Select(_ => random.Next(1, Items + 1)).ToArray()
                ),
        ];
        var plan = new TrainingPlan
        {
            Dimension = dimension,
            Window = Length,
            PieceLength = Length,
            BatchPositions = Sequences * Length,
            Residual = residual,
            InputDropout = 0.3f,
            OutputDropout = 0.2f,
            LearningRate = 1e-3f,
            LabelSmoothing = 0.1f,
            Averaging = 0.999f,
            ClipNorm = 5f,
            Epochs = Rounds + 1,
            Shards = Environment.ProcessorCount,
        };
        var weights = new EncoderWeights(plan, Items);
        weights.Initialize(new Random(1), 0.05f);
        var run = new TrainingRun(weights, plan, sequences);
        run.Plan();
        run.Epoch(1, CancellationToken.None);
        var speeds = new double[Rounds];
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            run.Epoch(round + 2, CancellationToken.None);
            speeds[round] = Sequences * Steps * Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var seconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        Array.Sort(speeds);
        return new Row(
            dimension,
            residual,
            Environment.ProcessorCount,
            speeds[Rounds / 2],
            Rounds * Sequences * Steps * Length / seconds,
            (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (Rounds * Steps)
        );
    }

    private sealed record Row(
        int dimension,
        bool residual,
        int processors,
        double positions_per_s,
        double positions_per_cpu_s,
        long bytes_per_step
    );
}
