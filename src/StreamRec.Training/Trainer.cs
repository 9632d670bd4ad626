using System.Diagnostics;
using StreamRec.Evaluation;
using StreamRec.Training.Data;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>Trains an encoder: full-softmax cross entropy at every position, AdamW, cosine schedule, best epoch kept.</summary>
public static class Trainer
{
    /// <summary>Trains on all events but the validation users' last ones. The same data, options and shards give the same weights.</summary>
    /// <exception cref="StreamRecException">There is too little data, or an option is out of range.</exception>
    public static TrainedModel Train(
        SequenceData data, ModelOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        ModelOptions derived = options.Derive(data);
        Split split = HoldOut(data, derived.ValidationUsers);
        long positions = split.Training.Sum(sequence => (long)Math.Max(0, sequence.Length - 1));
        if (positions == 0)
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
        run.Plan(positions);

        var best = (Ndcg: double.NegativeInfinity, Epoch: 0, Quality: new Quality(double.NaN, double.NaN), Weights: weights.Copy());
        var clock = Stopwatch.StartNew();
        for (int epoch = 1; run.Step < run.TotalSteps; epoch++)
        {
            (double loss, double speed) = run.Epoch(cancel);
            Block[] current = weights.Copy(), averaged = run.Averaged();
            weights.Restore(averaged);
            Quality quality = validation.OfModel(run.Networks, weights);
            weights.Restore(current);
            progress?.Report(new TrainingProgress(
                epoch, Math.Max(epoch, run.Epochs), loss, quality.HitRate10, quality.Ndcg10, clock.Elapsed, speed));
            if (double.IsNaN(quality.Ndcg10) || quality.Ndcg10 > best.Ndcg)
            {
                best = (quality.Ndcg10, epoch, quality, averaged);
            }
            else if (derived.Patience > 0 && epoch - best.Epoch >= derived.Patience)
            {
                break;
            }
        }

        weights.Restore(best.Weights);
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
