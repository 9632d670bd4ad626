using System.Diagnostics;
using StreamRec.Evaluation;
using StreamRec.Training.Data;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>Trains an encoder: a loss at every position, a schedule, the best epoch kept.</summary>
public static class Trainer
{
    /// <summary>Trains on all events but the validation users' last ones. The same data, options and shards give the same weights.</summary>
    /// <param name="checkpoint">File that holds how the training stands after each epoch, and that a later call goes on from; deleted at the end.</param>
    /// <exception cref="StreamRecException">There is too little data, an option is out of range, or training diverged.</exception>
    public static TrainedModel Train(
        SequenceData data, ModelOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancel = default, string? checkpoint = null)
    {
        ModelOptions derived = options.Derive(data);
        Split split = HoldOut(data, derived.ValidationUsers);
        if (!split.Training.Any(sequence => sequence.Length > 1))
        {
            throw new StreamRecException(
                $"{data.Events} events of {data.UserIds.Count} users hold no two events of one user; there is nothing to learn.",
                ExitCode.BadInput);
        }

        var weights = new EncoderWeights(derived, data.Items);
        weights.Initialize(new Random(derived.Seed), derived.InitialScale);
        var validation = new Validation(split.Cases, derived.Window, derived.FilterSeen == true);
        (Quality popularity, Quality markov) = validation.OfBaselines(split.Training);
        var run = new TrainingRun(weights, derived, split.Training);
        TrainingCheckpoint? saved = checkpoint is null ? null : new TrainingCheckpoint(checkpoint, derived, data);
        var best = (Ndcg: double.NegativeInfinity, Epoch: 0, Quality: new Quality(double.NaN, double.NaN), Weights: weights.Copy());
        int epoch = 1, epochs;
        if (saved?.Read([.. run.State, .. best.Weights]) is { } counters)
        {
            run.Resume(counters.Step, counters.TotalSteps);
            (epoch, epochs) = (counters.Epoch + 1, counters.Epochs);
            best = (counters.BestNdcg, counters.BestEpoch, new Quality(counters.BestHitRate, counters.BestNdcg), best.Weights);
        }
        else
        {
            run.Plan();
            epochs = run.Epochs;
        }

        Block[] current = run.Averaged is null ? [] : weights.Copy();
        var clock = Stopwatch.StartNew();
        for (; run.Step < run.TotalSteps && !OutOfPatience(derived, epoch - 1, best.Epoch); epoch++)
        {
            (double loss, double speed) = run.Epoch(epoch, cancel);
            if (run.Averaged is { } averaged)
            {
                weights.CopyTo(current);
                weights.Restore(averaged);
            }

            Quality quality = validation.OfModel(run.Networks, weights);
            if (double.IsNaN(quality.Ndcg10) || quality.Ndcg10 > best.Ndcg)
            {
                best = (quality.Ndcg10, epoch, quality, best.Weights);
                weights.CopyTo(best.Weights);
            }

            if (run.Averaged is not null)
            {
                weights.Restore(current);
            }

            saved?.Write(
                new(epoch, run.Step, run.TotalSteps, epochs, best.Epoch, best.Quality.HitRate10, best.Ndcg),
                [.. run.State, .. best.Weights]);
            progress?.Report(new TrainingProgress(
                epoch, Math.Max(epoch, epochs), loss, quality.HitRate10, quality.Ndcg10, clock.Elapsed, speed));
        }

        weights.Restore(best.Weights);
        saved?.Delete();
        return new TrainedModel(weights, derived, data, new TrainingReport
        {
            Model = best.Quality,
            Popularity = popularity,
            Markov = markov,
            BestEpoch = best.Epoch,
            Steps = run.Step,
            PlannedSteps = run.TotalSteps,
            Elapsed = clock.Elapsed,
        });
    }

    private static bool OutOfPatience(ModelOptions options, int epoch, int best) =>
        options.Patience > 0 && best > 0 && epoch - best >= options.Patience;

    /// <summary>Holds out the last event of evenly chosen users; the others train with all they have.</summary>
    private static Split HoldOut(SequenceData data, int users)
    {
        Split all = Splits.LeaveOneOut(data.Sequences);
        int chosen = Math.Min(users, all.Cases.Count);
        RankingCase[] cases = Enumerable.Range(0, chosen)
            .Select(i => all.Cases[(int)((long)i * all.Cases.Count / chosen)]).ToArray();
        ReadOnlyMemory<int>[] training = [.. data.Sequences];
        foreach (RankingCase asked in cases)
        {
            training[asked.User] = all.Training[asked.User];
        }

        return new Split(training, cases);
    }
}
