using StreamRec.Training;

namespace StreamRec.Tests.Training;

public class TrainerTests
{
    [Theory]
    [InlineData(ModelOptions.LstmAttention)]
    [InlineData(ModelOptions.LstmDense)]
    [InlineData(ModelOptions.ConvolutionAttention)]
    public void Learns_a_pattern_that_popularity_does_not_know(string architecture)
    {
        TrainedModel model = Trainer.Train(SmallData.Chain(), SmallData.Options(architecture));

        Assert.True(model.Report.Model.Ndcg10 > 0.6, $"NDCG@10 {model.Report.Model.Ndcg10}");
        Assert.True(model.Report.Model.Ndcg10 > model.Report.Popularity.Ndcg10 + 0.2);
    }

    [Fact]
    public void Same_seed_same_weights()
    {
        float[] first = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2 }).ToContents().Vectors.ToArray();
        float[] again = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2 }).ToContents().Vectors.ToArray();
        float[] other = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Epochs = 2, Seed = 9 }).ToContents().Vectors.ToArray();

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void A_run_bound_by_time_can_be_repeated_by_its_steps()
    {
        TrainedModel timed = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Minutes = 0.005 });
        TrainedModel counted = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Steps = timed.Report.PlannedSteps });

        Assert.Equal(timed.ToContents().Vectors.ToArray(), counted.ToContents().Vectors.ToArray());
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Train(SmallData.Chain(), SmallData.Options(), cancel: cancel.Token));
    }

    [Fact]
    public void Names_an_option_out_of_range()
    {
        var fault = Assert.Throws<StreamRecException>(() => Trainer.Train(SmallData.Chain(), SmallData.Options() with { Dimension = 17 }));

        Assert.Equal(ExitCode.Usage, fault.Code);
        Assert.Contains("Dimension is 17", fault.Message);
    }
}
