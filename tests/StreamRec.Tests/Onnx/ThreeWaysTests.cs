using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Tests.Training;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// The trainer's forward pass, encoder.onnx and step.onnx are the same function, and step.onnx is so either way.
/// </summary>
public sealed class ThreeWaysTests : IDisposable
{
    /// <summary>Where the last state asks, there is no step: the worker runs the encoder anew.</summary>
    [Theory]
    [InlineData(ModelOptions.Dot)]
    [InlineData(ModelOptions.Additive)]
    public void Attention_with_a_query_agrees_without_a_step(string attention)
    {
        var model = Trainer.Train(SmallData.Chain(), SmallData.Options() with { Epochs = 3, Attention = attention });
        model.WriteBundle(_directory);
        Bundle bundle = Bundle.Load(_directory);
        using var encoder = new OnnxUserEncoder(bundle);
        int[] all = Enumerable.Range(0, 23).Select(at => 1 + (at * 7 % bundle.Manifest.Items)).ToArray();
        var prefixes = Enumerable.Range(1, all.Length).Select(n => new ReadOnlyMemory<int>(all, 0, n)).ToArray();
        float[] own = model.Encode(prefixes);
        var whole = new float[own.Length];
        encoder.Encode(prefixes, whole);

        Assert.Null(bundle.StepPath);
        Assert.All(own.Zip(whole), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private const float Tolerance = 1e-5f;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(ModelOptions.LstmAttention, false, false, 0f)]
    [InlineData(ModelOptions.LstmDense, false, false, 0f)]
    [InlineData(ModelOptions.ConvolutionAttention, false, false, 0f)]
    [InlineData(ModelOptions.LstmAttention, true, false, 0f)]
    [InlineData(ModelOptions.LstmDense, true, true, 0f)]
    [InlineData(ModelOptions.ConvolutionAttention, true, true, 8f)]
    [InlineData(ModelOptions.LstmAttention, false, true, 12f)]
    public void Agree_at_every_split_of_a_sequence(string architecture, bool residual, bool lastItem, float cosineScale)
    {
        var model = Trainer.Train(
            SmallData.Chain(),
            SmallData.Options(architecture) with
            {
                Epochs = 3,
                Residual = residual,
                LastItem = lastItem,
                CosineScale = cosineScale,
            }
        );
        model.WriteBundle(_directory);
        Bundle bundle = Bundle.Load(_directory);
        using var encoder = new OnnxUserEncoder(bundle);
        using var onnxSteps = new OnnxStepModel(bundle);
        using var onnxStep = onnxSteps.Open();
        using var steps = new StepModel(bundle);
        Assert.Null(steps.NotCompiled);
        var random = new Random(3);
        int[] all = Enumerable.Range(0, 23).Select(_ => random.Next(1, bundle.Manifest.Items + 1)).ToArray();
        var prefixes = Enumerable.Range(1, all.Length).Select(n => new ReadOnlyMemory<int>(all, 0, n)).ToArray();

        float[] own = model.Encode(prefixes);
        var whole = new float[own.Length];
        encoder.Encode(prefixes, whole);
        Assert.All(own.Zip(whole), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.All(own.Zip(Stepped(onnxStep, all)), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.All(own.Zip(Stepped(steps.Open(), all)), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.Contains(own, value => MathF.Abs(value) > 0.01f);
    }

    /// <summary>The user after each event.</summary>
    private static float[] Stepped(IStepEncoder step, int[] items)
    {
        var users = new float[items.Length * step.Dimension];
        float[][] state = [new float[step.StateWidth]];
        step.Start(state[0]);
        for (int at = 0; at < items.Length; at++)
        {
            step.Step([items[at]], state, users.AsSpan(at * step.Dimension, step.Dimension));
        }
        return users;
    }
}
