using System.Diagnostics;
using StreamRec.Evaluation;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>Trains an encoder: a loss at every position, a schedule, the best epoch kept.</summary>
public static class Trainer
{
    /// <summary>
    /// Trains on all events but the validation users' last ones. The same data and options give the same weights, on
    /// any number of processors that have the same vector instructions.
    /// </summary>
    /// <param name="checkpoint">
    /// File that holds how the training stands after each epoch, and that a later call goes on from; deleted once the
    /// bundle is written.
    /// </param>
    /// <exception cref="StreamRecException">There is too little data, an option is out of range, or training
    /// diverged.</exception>
    public static TrainedModel Train(
        SequenceData data,
        ModelOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancel = default,
        string? checkpoint = null
    )
    {
        TrainingPlan plan = TrainingPlan.Of(options, data);
        var split = HoldOut(data.Sequences, plan.ValidationUsers);
        if (!split.Training.Any(sequence => sequence.Length > 1))
        {
            throw new StreamRecException(
                $"{data.Events} events of {data.UserIds.Count} users hold no two events of one user; "
                    + "there is nothing to learn.",
                FaultKind.Input
            );
        }
        var weights = new EncoderWeights(plan, data.Items);
        weights.Initialize(new Random(plan.Seed), plan.InitialScale);
        var validation = new Validation(split.Cases, plan.Window, plan.FilterSeen);
        var (popularity, markov) = validation.OfBaselines(split.Training);
        var run = new TrainingRun(weights, plan, split.Training);
        var saved = checkpoint is null ? null : new TrainingCheckpoint(checkpoint, plan, data);
        var best = weights.Copy();
        var at = new TrainingCheckpoint.Counters
        {
            FirstLoss = double.NaN,
            BestHitRate = double.NaN,
            BestNdcg = double.NegativeInfinity,
        };
        if (saved?.Read([.. run.State, .. best]) is { } read)
        {
            at = read;
            run.Resume(at.Step, at.TotalSteps, at.FirstLoss);
            run.Checkpoint = checkpoint;
        }
        else
        {
            run.Plan();
            at.Epochs = run.Epochs;
        }
        var current = run.Averaged is null ? [] : weights.Copy();
        var clock = Stopwatch.StartNew();
        while (run.Step < run.TotalSteps && !OutOfPatience(plan, at))
        {
            at.Epoch++;
            (var loss, var speed) = run.Epoch(at.Epoch, cancel);
            if (run.Averaged is { } averaged)
            {
                weights.CopyTo(current);
                weights.Restore(averaged);
            }
            var quality = validation.OfModel(run.Networks, weights);
            if (double.IsNaN(quality.Ndcg10) || quality.Ndcg10 > at.BestNdcg)
            {
                at.ImprovedEpoch = at.Epoch;
            }
            // Of epochs that validation cannot tell apart, the one that has learnt longest.
            if (!(quality.Ndcg10 < at.BestNdcg))
            {
                (at.BestEpoch, at.BestHitRate, at.BestNdcg) = (at.Epoch, quality.HitRate10, quality.Ndcg10);
                weights.CopyTo(best);
            }
            if (run.Averaged is not null)
            {
                weights.Restore(current);
            }
            (at.Step, at.TotalSteps, at.FirstLoss) = (run.Step, run.TotalSteps, run.FirstLoss);
            saved?.Write(at, [.. run.State, .. best]);
            run.Checkpoint = checkpoint;
            progress?.Report(
                new TrainingProgress(
                    at.Epoch,
                    Math.Max(at.Epoch, at.Epochs),
                    loss,
                    quality.HitRate10,
                    quality.Ndcg10,
                    clock.Elapsed,
                    speed
                )
            );
        }
        weights.Restore(best);
        return new TrainedModel(
            weights,
            plan,
            data,
            new TrainingReport
            {
                Model = new Quality(at.BestHitRate, at.BestNdcg),
                Popularity = popularity,
                Markov = markov,
                HeldOut = split.Cases.Count / (double)Splits.LeaveOneOut(data.Sequences).Cases.Count,
                BestEpoch = at.BestEpoch,
                Steps = run.Step,
                PlannedSteps = run.TotalSteps,
                Elapsed = clock.Elapsed,
            }
        )
        {
            Checkpoint = checkpoint,
        };
    }

    /// <summary>Users of whom validation may hold out the last event: those with two before it.</summary>
    internal static bool CanValidate(SequenceData data, ModelOptions options) =>
        options.ValidationUsers > 0 && Splits.LeaveOneOut(data.Sequences).Cases.Count > 0;

    private static bool OutOfPatience(TrainingPlan plan, in TrainingCheckpoint.Counters at) =>
        plan.Patience > 0
        && at.ImprovedEpoch > 0
        && at.Epoch - at.ImprovedEpoch >= plan.Patience
        && at.Step >= plan.LeastSteps;

    /// <summary>Holds out the last event of evenly chosen users; the others train with all they have.</summary>
    internal static Split HoldOut(IReadOnlyList<ReadOnlyMemory<int>> sequences, int users)
    {
        var all = Splits.LeaveOneOut(sequences);
        var chosen = Math.Min(users, all.Cases.Count);
        var cases = Enumerable
            .Range(0, chosen)
            .Select(i => all.Cases[(int)((long)i * all.Cases.Count / chosen)])
            .ToArray();
        ReadOnlyMemory<int>[] training = [.. sequences];
        foreach (var asked in cases)
        {
            training[asked.User] = all.Training[asked.User];
        }
        return new Split(training, cases);
    }
}
