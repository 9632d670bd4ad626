using StreamRec.Events;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Layers;
using StreamRec.Training.Losses;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;
using StreamRec.Training.Sweeps;

namespace StreamRec.Tests.Training;

/// <summary>How long is trained and what is kept of it, where data are few or validation says nothing.</summary>
public sealed class TrainingLengthTests
{
    /// <summary>The only item that is not seen is the target: whatever was learnt, it is first.</summary>
    [Fact]
    public void Of_epochs_that_validation_cannot_tell_apart_the_last_is_kept()
    {
        var data = Rounds();
        var options = SmallData.Options() with { Epochs = 5, Averaging = 0, FilterSeen = true, Patience = 0 };

        var alike = Trainer.Train(data, options);
        var impatient = Trainer.Train(data, options with { Patience = 2 });
        var unmeasured = Trainer.Train(data, options with { ValidationUsers = 0 });

        Assert.Equal((1.0, 5), (alike.Report.Model.Ndcg10, alike.Report.BestEpoch));
        // Without a better one for two epochs.
        Assert.Equal(3, impatient.Report.BestEpoch);
        Assert.True(impatient.Report.Steps < impatient.Report.PlannedSteps);
        Assert.Equal((false, 5), (unmeasured.Report.Model.IsMeasured, unmeasured.Report.BestEpoch));
    }

    [Fact]
    public void A_few_events_are_learnt_for_150_steps_unless_epochs_are_given()
    {
        var data = SmallData.Chain(users: 10);
        var options = new ModelOptions { Dimension = 16 };

        Assert.Equal(ModelOptions.FewSteps, Trainer.Train(data, options).Report.Steps);
        Assert.Equal(2, Trainer.Train(data, options with { Epochs = 2 }).Report.Steps);
        Assert.Equal(30, Trainer.Train(data, options with { Epochs = 2, LeastSteps = 30 }).Report.Steps);
    }

    [Fact]
    public void Patience_does_not_end_what_has_hardly_begun()
    {
        var options = SmallData.Options() with { Epochs = 0, FilterSeen = true, Patience = 1 };

        Assert.InRange(Trainer.Train(Rounds(), options).Report.Steps, ModelOptions.FewSteps, 10_000);
    }

    [Fact]
    public void Vectors_of_more_than_2_GiB_are_told_before_training()
    {
        const int items = 525_000;
        SequenceData data = SequenceData.From(
            Enumerable.Range(0, items).Select(at => new ClickEvent("e", $"u{at / 2}", $"{at}", "click", at))
        );

        var fault = Assert.Throws<StreamRecException>(() =>
            TrainingPlan.Of(new ModelOptions { Dimension = 1024 }, data)
        );

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains($"{items} items of dimension 1024", fault.Message);
        Assert.Contains("items of this dimension", fault.Message);
    }

    [Theory]
    [InlineData("dimension is 1000000000", 1_000_000_000, 0, 0)]
    [InlineData("dimension is -16", -16, 0, 0)]
    [InlineData("window is 1", 0, 1, 0)]
    [InlineData("window is 2147483647", 0, int.MaxValue, 0)]
    [InlineData("epochs is -1", 0, 0, -1)]
    public void What_is_given_is_checked_without_data(string said, int dimension, int window, int epochs)
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            new ModelOptions
            {
                Dimension = dimension,
                Window = window,
                Epochs = epochs,
            }.Check()
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains(said, fault.Message);
    }

    [Fact]
    public void Options_that_are_no_numbers_are_out_of_range()
    {
        void Refused(string name, ModelOptions options) =>
            Assert.Contains($"{name} is ", Assert.Throws<StreamRecException>(options.Check).Message);

        Refused("clip_norm", new ModelOptions { ClipNorm = float.NaN });
        Refused("learning_rate", new ModelOptions { LearningRate = float.NaN });
        Refused("patience", new ModelOptions { Patience = -1 });
        new ModelOptions().Check();
    }

    [Fact]
    public void A_sweep_without_anybody_to_validate_on_is_refused_before_it_trains()
    {
        string directory = Directory.CreateTempSubdirectory("streamrec-").FullName;
        string path = Path.Combine(directory, "plan.json");
        File.WriteAllText(path, """{"try": {"dimension": [16]}}""");
        SweepPlan plan = SweepPlan.Read(path);
        SequenceData pairs = SequenceData.From(
            Enumerable.Range(0, 40).Select(at => new ClickEvent($"{at}", $"u{at / 2}", $"i{at % 7}", "click", at))
        );

        var fault = Assert.Throws<StreamRecException>(() => new Sweep(directory, plan, pairs).Run(plan.Grid()));
        Directory.Delete(directory, recursive: true);

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("validation", fault.Message);
    }

    /// <summary>
    /// Items that are all alike: ln N, whoever is drawn; without the target's share it was ln(1 + (N−1)²/N).
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void The_sampled_softmax_estimates_the_full_one_without_bias(int items)
    {
        const int d = 16,
            positions = 256,
            samples = 4096;
        var embedding = new Parameter("embedding", 0, 32, d, packed: false, sparse: true);
        var bias = new Parameter("bias", 1, 1, 32, packed: false);
        embedding.Value.Clear();
        bias.Value.Clear();
        var loss = new SampledLoss(embedding, bias, items, ModelOptions.SampledSoftmax, samples, biased: true);
        var users = new Matrix(positions, d);
        var gradients = new Gradients([embedding, bias]);
        double mean = 0;
        const int runs = 8;
        for (ulong seed = 1; seed <= runs; seed++)
        {
            int[] targets = [.. Enumerable.Range(0, positions).Select(at => 1 + (at % items))];
            mean += loss.ForwardBackward(users, targets, 1f, seed, gradients) / (positions * runs);
        }
        Assert.Equal(Math.Log(items), mean, 0.01);
    }

    /// <summary>Each user meets every item once, from another one on.</summary>
    private static SequenceData Rounds() =>
        SequenceData.From(
            Enumerable
                .Range(0, 30)
                .SelectMany(user =>
                    Enumerable
                        .Range(0, 12)
                        .Select(at => new ClickEvent($"{at:00}", $"u{user:00}", $"i{(user + at) % 12:00}", "click", at))
                )
        );
}
