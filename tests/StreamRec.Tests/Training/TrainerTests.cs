using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Training.Data;
using StreamRec.Training.Networks;
using StreamRec.Training.Optimizing;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Training;

public class TrainerTests
{
    [Theory]
    [InlineData(ModelOptions.LstmAttention)]
    [InlineData(ModelOptions.LstmDense)]
    [InlineData(ModelOptions.ConvolutionAttention)]
    public void Learns_a_pattern_that_popularity_does_not_know(string architecture)
    {
        var model = Trainer.Train(SmallData.Chain(), SmallData.Options(architecture));

        Assert.True(model.Report.Model.Ndcg10 > 0.6, $"NDCG@10 {model.Report.Model.Ndcg10}");
        Assert.True(model.Report.Model.Ndcg10 > model.Report.Popularity.Ndcg10 + 0.2);
    }

    [Fact]
    public void Same_seed_same_weights()
    {
        float[] first = Trainer
            .Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2 })
            .ToContents()
            .Vectors.ToArray();
        float[] again = Trainer
            .Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2 })
            .ToContents()
            .Vectors.ToArray();
        float[] other = Trainer
            .Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2, Seed = 9 })
            .ToContents()
            .Vectors.ToArray();

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void A_run_bound_by_time_can_be_repeated_by_its_steps()
    {
        var timed = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Minutes = 0.005 });
        var counted = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Steps = timed.Report.PlannedSteps });

        Assert.Equal(timed.ToContents().Vectors.ToArray(), counted.ToContents().Vectors.ToArray());
    }

    [Theory]
    [InlineData(ModelOptions.SampledSoftmax, ModelOptions.AdamW, 0.02f)]
    [InlineData(ModelOptions.Bpr, ModelOptions.AdamW, 0.02f)]
    [InlineData(ModelOptions.Bce, ModelOptions.AdamW, 0.02f)]
    [InlineData(ModelOptions.Softmax, ModelOptions.Adagrad, 0.1f)]
    [InlineData(ModelOptions.Softmax, ModelOptions.Sgd, 0.5f)]
    public void Every_loss_and_optimizer_learns(string loss, string optimizer, float learningRate)
    {
        var model = Trainer.Train(
            SmallData.Chain(),
            SmallData.Options() with
            {
                Loss = loss,
                Optimizer = optimizer,
                LearningRate = learningRate,
                Negatives = 16,
                Epochs = 20,
            }
        );

        Assert.True(
            model.Report.Model.Ndcg10 > model.Report.Popularity.Ndcg10 + 0.15,
            $"{model.Report.Model.Ndcg10} against {model.Report.Popularity.Ndcg10}"
        );
    }

    [Theory]
    [InlineData(ModelOptions.Softmax)]
    [InlineData(ModelOptions.SampledSoftmax)]
    public void A_killed_training_goes_on_as_if_it_had_not_been(string loss)
    {
        var options = SmallData.Options() with { Epochs = 6, Loss = loss, Negatives = 16 };
        string checkpoint = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}.checkpoint");
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Trainer.Train(SmallData.Chain(), options, new After(3, cancel.Cancel), cancel.Token, checkpoint)
        );
        Assert.True(File.Exists(checkpoint));
        var epochs = new List<int>();

        var resumed = Trainer.Train(SmallData.Chain(), options, new After(1, () => { }, epochs), default, checkpoint);
        var whole = Trainer.Train(SmallData.Chain(), options);

        Assert.Equal([4, 5, 6], epochs);
        Assert.Equal(whole.ToContents().Vectors.ToArray(), resumed.ToContents().Vectors.ToArray());
        Assert.Equal(whole.Report.Model, resumed.Report.Model);
        File.Delete(checkpoint);
    }

    /// <summary>Where people come back to items, lists must be able to hold the next one; the bundle says so.</summary>
    [Theory]
    [InlineData(3, false)]
    [InlineData(0, true)]
    public void A_bundle_says_what_its_lists_may_hold(int comeBack, bool excludeSeen)
    {
        SequenceData data = SequenceData.From(
            Enumerable
                .Range(0, 40)
                .SelectMany(user =>
                    Enumerable
                        .Range(0, 6 + comeBack)
                        .Select(at => new ClickEvent(
                            $"e{user}-{at}",
                            $"u{user}",
                            $"i{(user + (at % 6)) % 20:00}",
                            at == 1 ? "view" : "click",
                            at
                        ))
                ),
            new HashSet<string> { "click" }
        );

        var contents = Trainer.Train(data, SmallData.Options() with { Epochs = 1, FilterSeen = null }).ToContents();

        Assert.Equal(excludeSeen, contents.ExcludeSeen);
        Assert.Equal(["click"], contents.Types!);
        Assert.Equal(comeBack == 0 ? 0 : Math.Round(2 / 7.0, 4), contents.RepeatShare);
        Assert.NotEqual(0, contents.Trained.Length);
    }

    [Fact]
    public void Derives_what_is_not_given_from_the_data()
    {
        TrainingPlan dense = TrainingPlan.Of(new ModelOptions(), SmallData.Chain(users: 2000, items: 20, length: 60));
        TrainingPlan sparse = TrainingPlan.Of(new ModelOptions(), SmallData.Chain(users: 100, items: 100, length: 8));
        TrainingPlan sampled = TrainingPlan.Of(new ModelOptions { Loss = ModelOptions.Bpr }, SmallData.Chain());

        Assert.Equal((0f, true, true, 8), (sparse.CosineScale, sparse.Residual, sparse.LastItem, sparse.Epochs));
        Assert.Equal((0.3f, 1f, 0f), (dense.WeightDecay, sparse.WeightDecay, sampled.WeightDecay));
        Assert.True(dense.BatchPositions > sparse.BatchPositions);
        Assert.Equal((false, true), (dense.FilterSeen, sparse.FilterSeen));
        Assert.Equal((2 * sparse.Window) - 1, sparse.PieceLength);
        Assert.Equal(12f, TrainingPlan.Of(new ModelOptions { CosineScale = 12 }, SmallData.Chain()).CosineScale);
    }

    /// <summary>A split leaves many users with nothing to train on: they are no short sequences.</summary>
    [Fact]
    public void Users_without_events_say_nothing_about_the_data()
    {
        var data = SmallData.Chain(users: 400, items: 6, length: 60);
        var split = data.WithPrefixes([
            .. data.Sequences.Select((all, at) => at % 4 == 0 ? all : all[..Math.Min(at % 2, all.Length)]),
        ]);

        Assert.Equal(TrainingPlan.Of(new(), data).Window, TrainingPlan.Of(new(), split).Window);
    }

    [Fact]
    public void A_checkpoint_of_other_options_is_refused()
    {
        string checkpoint = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}.checkpoint");
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Trainer.Train(SmallData.Chain(), SmallData.Options(), new After(1, cancel.Cancel), cancel.Token, checkpoint)
        );

        var fault = Assert.Throws<StreamRecException>(() =>
            Trainer.Train(SmallData.Chain(), SmallData.Options() with { Seed = 2 }, checkpoint: checkpoint)
        );
        File.Delete(checkpoint);

        Assert.Contains(checkpoint, fault.Message);
    }

    private static ModelOptions Diverging =>
        SmallData.Options() with
        {
            Optimizer = ModelOptions.Sgd,
            LearningRate = 1,
            ClipNorm = 1e9f,
            InitialScale = 30,
            Schedule = ModelOptions.Constant,
            LabelSmoothing = 0,
            Patience = 0,
            Epochs = 200,
        };

    [Fact]
    public void Says_when_it_diverges_and_keeps_the_checkpoint()
    {
        string checkpoint = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}.checkpoint");

        var fault = Assert.Throws<StreamRecException>(() =>
            Trainer.Train(SmallData.Chain(), Diverging, checkpoint: checkpoint)
        );
        File.Delete(checkpoint);

        Assert.Contains("diverged at step", fault.Message);
        Assert.Contains($"checkpoint {checkpoint} is kept", fault.Message);
    }

    [Fact]
    public void Speaks_of_no_checkpoint_where_there_is_none()
    {
        var fault = Assert.Throws<StreamRecException>(() => Trainer.Train(SmallData.Chain(), Diverging));

        Assert.Contains("diverged at step", fault.Message);
        Assert.DoesNotContain("checkpoint", fault.Message);
    }

    /// <summary>
    /// Once buffers have grown, an epoch costs its random numbers and little else, however many steps it has.
    /// </summary>
    [Theory]
    [InlineData(ModelOptions.Softmax)]
    [InlineData(ModelOptions.SampledSoftmax)]
    public void A_step_allocates_nothing(string loss)
    {
        var data = SmallData.Chain();
        TrainingPlan plan = TrainingPlan.Of(
            SmallData.Options() with
            {
                Shards = 1,
                BatchPositions = 64,
                Loss = loss,
                Epochs = 9,
            },
            data
        );
        var weights = new EncoderWeights(plan, data.Items);
        weights.Initialize(new Random(1), 0.05f);
        var run = new TrainingRun(weights, plan, data.Sequences);
        run.Plan();
        for (int epoch = 1; epoch < 8; epoch++)
        {
            run.Epoch(epoch, CancellationToken.None);
        }
        int before = run.Step;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        run.Epoch(8, CancellationToken.None);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;

        Assert.InRange(bytes / (run.Step - before), 0, 100);
    }

    /// <summary>Few users, users of one event, a user who repeats one item: a model, or a clear error.</summary>
    [Fact]
    public void Tiny_data_trains()
    {
        ClickEvent Click(int user, int at, string item) => new($"{user}-{at}", $"u{user}", item, "click", 1000 + at);
        SequenceData data = SequenceData.From([
            Click(1, 1, "a"),
            Click(1, 2, "b"),
            Click(2, 1, "a"),
            Click(3, 1, "c"),
            .. Enumerable.Range(0, 9).Select(at => Click(4, at, "a")),
        ]);

        var model = Trainer.Train(data, new ModelOptions { Epochs = 3 });

        Assert.All(model.ToContents().Vectors.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.Throws<StreamRecException>(() =>
            Trainer.Train(SequenceData.From([Click(1, 1, "a"), Click(2, 1, "b")]), new ModelOptions())
        );
    }

    /// <summary>Runs an action at the end of an epoch.</summary>
    private sealed class After(int epoch, Action action, List<int>? epochs = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            epochs?.Add(value.Epoch);
            if (value.Epoch == epoch)
            {
                action();
            }
        }
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            Trainer.Train(SmallData.Chain(), SmallData.Options(), cancel: cancel.Token)
        );
    }

    [Fact]
    public void Names_an_option_out_of_range()
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            Trainer.Train(SmallData.Chain(), SmallData.Options() with { Dimension = 17 })
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("dimension is 17", fault.Message);
    }
}
