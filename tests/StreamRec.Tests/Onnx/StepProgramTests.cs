using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Onnx;

/// <summary>Every step graph that the trainer exports is compiled, and says what ONNX Runtime says.</summary>
public sealed class StepProgramTests : IDisposable
{
    private const int Most = 256;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public static TheoryData<string, bool, bool, float, int> Graphs
    {
        get
        {
            var graphs = new TheoryData<string, bool, bool, float, int>();
            foreach (
                string architecture in (string[])
                    [ModelOptions.LstmAttention, ModelOptions.LstmDense, ModelOptions.ConvolutionAttention]
            )
            {
                foreach (
                    (bool residual, bool lastItem) in ((bool, bool)[])
                        [(false, false), (false, true), (true, false), (true, true)]
                )
                {
                    graphs.Add(architecture, residual, lastItem, 0f, 16);
                    graphs.Add(architecture, residual, lastItem, 12f, 16);
                }
                graphs.Add(architecture, true, true, 0f, 7);
                graphs.Add(architecture, true, true, 8f, 80);
            }
            return graphs;
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Agrees_with_ONNX_Runtime_over_long_walks(
        string architecture,
        bool residual,
        bool lastItem,
        float cosineScale,
        int dimension
    )
    {
        var bundle = StepBundles.Write(
            _directory,
            StepBundles.Weights(architecture, residual, lastItem, cosineScale, dimension)
        );
        using var model = new StepModel(bundle);
        using var onnx = new OnnxStepModel(bundle);
        using var trusted = onnx.Open();
        var program = model.Open();
        var random = new Random(2);
        float[][] states = Start(program, 5),
            trustedStates = Start(trusted, 5);
        float[] users = new float[5 * dimension],
            trustedUsers = new float[5 * dimension];
        var largest = 0f;

        Assert.Null(model.NotCompiled);
        Assert.IsType<StepProgramEncoder>(program);
        Assert.Equal(trusted.StateWidth, program.StateWidth);
        for (int step = 0; step < 200; step++)
        {
            int[] items = [.. states.Select(_ => random.Next(1, StepBundles.Items + 1))];
            program.Step(items, states, users);
            trusted.Step(items, trustedStates, trustedUsers);
            AssertClose(trustedUsers, users);
            Assert.All(trustedStates.Zip(states), pair => AssertClose(pair.First, pair.Second));
            largest = MathF.Max(largest, users.Max());
        }
        Assert.True(largest > 0.1f);
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_user_s_result_does_not_depend_on_the_batch(
        string architecture,
        bool residual,
        bool lastItem,
        float cosineScale,
        int dimension
    )
    {
        var bundle = StepBundles.Write(
            _directory,
            StepBundles.Weights(architecture, residual, lastItem, cosineScale, dimension)
        );
        using var model = new StepModel(bundle);
        var program = model.Open();
        var random = new Random(3);
        int[] items = [.. Enumerable.Range(0, Most).Select(_ => random.Next(1, StepBundles.Items + 1))];
        float[][] before = Start(program, Most),
            alone = new float[Most][];
        var users = new float[Most * dimension];
        for (int row = 0; row < Most; row++)
        {
            for (int step = row % 6; step > 0; step--)
            {
                program.Step(
                    [random.Next(1, StepBundles.Items + 1)],
                    before.AsSpan(row, 1),
                    users.AsSpan(row * dimension)
                );
            }
            alone[row] = [.. before[row]];
            program.Step(items.AsSpan(row, 1), alone.AsSpan(row, 1), users.AsSpan(row * dimension));
        }
        foreach (int batch in (int[])[.. Enumerable.Range(1, 17), 24, 25, 64, 255, Most])
        {
            foreach (int first in (int[])[0, Math.Min(5, Most - batch), Most - batch])
            {
                float[][] states = [.. before.Skip(first).Take(batch).Select(state => state.ToArray())];
                var together = new float[batch * dimension];
                program.Step(items.AsSpan(first, batch), states, together);
                Assert.Equal(Bits(users.AsSpan(first * dimension, batch * dimension)), Bits(together));
                for (int row = 0; row < batch; row++)
                {
                    Assert.Equal(Bits(alone[first + row]), Bits(states[row]));
                }
            }
        }
    }

    [Fact]
    public void Refuses_items_that_the_model_does_not_have_and_too_little_room()
    {
        using var model = new StepModel(StepBundles.Write(_directory, StepBundles.Weights(ModelOptions.LstmAttention)));
        var program = model.Open();
        float[][] states = Start(program, 1);
        float[] before = [.. states[0]];

        Assert.Throws<ArgumentOutOfRangeException>(() => program.Step([0], states, new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => program.Step([StepBundles.Items + 1], states, new float[16]));
        Assert.Throws<ArgumentException>(() => program.Step([1, 2], states, new float[32]));
        Assert.Throws<ArgumentException>(() => program.Step([1], states, new float[15]));
        Assert.Equal(before, states[0]);
    }

    private static float[][] Start(IStepEncoder encoder, int users)
    {
        float[][] states = [.. Enumerable.Range(0, users).Select(_ => new float[encoder.StateWidth])];
        Array.ForEach(states, state => encoder.Start(state));
        return states;
    }

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(
            expected.Zip(actual),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5f * MathF.Max(1f, MathF.Abs(pair.First)))
        );

    private static int[] Bits(ReadOnlySpan<float> values) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(values).ToArray();
}
