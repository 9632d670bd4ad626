using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Training;

/// <summary>
/// Every weight's gradient against a finite difference of the loss, through every layer, over sequences of different
/// lengths.
/// </summary>
public class GradientTests
{
    private const float Step = 1e-2f;

    /// <summary>What rounding of the scores makes of the loss, over the step.</summary>
    private const double Rounding = 3e-5;

    public static TheoryData<TrainingPlan> Cases =>
        new()
        {
            new TrainingPlan(),
            new TrainingPlan
            {
                LabelSmoothing = 0.1f,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
            new TrainingPlan
            {
                Architecture = ModelOptions.LstmDense,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
            new TrainingPlan
            {
                Architecture = ModelOptions.ConvolutionAttention,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
            new TrainingPlan
            {
                Residual = true,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
            new TrainingPlan
            {
                Architecture = ModelOptions.ConvolutionAttention,
                Residual = true,
                LastItem = true,
            },
            new TrainingPlan
            {
                LastItem = true,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
            new TrainingPlan { CosineScale = 8, LabelSmoothing = 0.1f },
            new TrainingPlan { Attention = ModelOptions.Dot, OutputDropout = 0.3f },
            new TrainingPlan { Attention = ModelOptions.Additive, Residual = true },
            new TrainingPlan
            {
                Loss = ModelOptions.SampledSoftmax,
                Negatives = 12,
                ItemDropout = 0.2f,
            },
            new TrainingPlan { Loss = ModelOptions.Bpr, Negatives = 12 },
            new TrainingPlan
            {
                Loss = ModelOptions.Bce,
                Negatives = 12,
                Architecture = ModelOptions.LstmDense,
            },
            new TrainingPlan
            {
                CosineScale = 8,
                Residual = true,
                LastItem = true,
                InputDropout = 0.3f,
                OutputDropout = 0.3f,
            },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Match_finite_differences(TrainingPlan options)
    {
        options = options with { Dimension = 16 };
        var weights = new EncoderWeights(options, items: 37);
        // A query needs states far apart, or its gradient is as small as the rounding.
        weights.Initialize(new Random(1), weights.Query is null ? 0.5f : 1.5f);
        var network = new EncoderNetwork(weights, options);
        var batch = Batch(37);
        network.ForwardBackward(batch, 1f, dropoutSeed: 7);
        float[][] gradients = weights.All.Select(p => Gradient(network, p)).ToArray();
        var random = new Random(2);

        foreach (var parameter in weights.All.Where(p => weights.CosineScale == 0 || p != weights.ItemBias))
        {
            float[] expected = gradients[parameter.Index];
            float largest = expected.Max(MathF.Abs);
            Assert.True(largest > 1e-3f, $"{parameter.Name} has no gradient");
            for (int probe = 0; probe < 12; probe++)
            {
                int at =
                    parameter == weights.Embedding ? random.Next(16, 38 * 16)
                    : parameter == weights.ItemBias ? random.Next(1, 38)
                    : random.Next(expected.Length);
                double difference =
                    (Loss(network, batch, parameter, at, Step) - Loss(network, batch, parameter, at, -Step))
                    / (2 * Step);
                Assert.True(
                    Math.Abs(difference - expected[at])
                        < (0.01 * Math.Abs(expected[at])) + (0.005 * largest) + Rounding,
                    $"{parameter.Name}[{at}]: {expected[at]}, finite difference {difference}"
                );
            }
        }
    }

    [Fact]
    public void Of_padding_rows_are_zero()
    {
        var options = new TrainingPlan { Dimension = 16, LabelSmoothing = 0.1f };
        var weights = new EncoderWeights(options, items: 37);
        weights.Initialize(new Random(1), 0.5f);
        var network = new EncoderNetwork(weights, options);
        network.ForwardBackward(Batch(37), 1f, null);

        var embedding = network.Gradients[weights.Embedding];
        Assert.True(embedding.RowSpan(0).IndexOfAnyExcept(0f) < 0);
        Assert.True(embedding.Span[(38 * 16)..].IndexOfAnyExcept(0f) < 0);
    }

    private static unsafe float[] Gradient(EncoderNetwork network, Parameter parameter)
    {
        var gradient = new Matrix(parameter.Value.Rows, parameter.Value.Cols);
        foreach (
            int row in parameter.Sparse ? network.Gradients.Touched.ToArray() : [.. Enumerable.Range(0, gradient.Rows)]
        )
        {
            new Span<float>(network.Gradients.Row(parameter, row), gradient.Cols).CopyTo(gradient.RowSpan(row));
        }
        parameter.ToValue(gradient);
        return gradient.Span.ToArray();
    }

    private static double Loss(EncoderNetwork network, PackedBatch batch, Parameter parameter, int at, float change)
    {
        float old = parameter.Value.Span[at];
        parameter.Value.Span[at] = old + change;
        parameter.Repack();
        double loss = network.ForwardBackward(batch, 1f, dropoutSeed: 7);
        parameter.Value.Span[at] = old;
        parameter.Repack();
        return loss;
    }

    private static PackedBatch Batch(int items)
    {
        var random = new Random(4);
        ReadOnlyMemory<int> Draw(int length) =>
            Enumerable.Range(0, length).Select(_ => random.Next(1, items + 1)).ToArray();
        int[] lengths = [3, 11, 1, 7, 7];
        var batch = new PackedBatch();
        batch.Fill([
            .. lengths.Select(Draw).Zip(lengths.Select(Draw), (inputs, targets) => new Piece(inputs, targets)),
        ]);
        return batch;
    }
}
