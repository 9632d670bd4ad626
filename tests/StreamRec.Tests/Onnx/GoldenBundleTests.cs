using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// Two bundles of one training, as the trainer wrote them: when graphs were fed items, and since they are fed rows.
/// </summary>
public sealed class GoldenBundleTests
{
    private static readonly int[] s_history = [3, 1, 6, 2, 5];

    // What the bundle of before has always said of a user's first event.
    private const float First = -0.35608256f;

    private static ReadOnlyMemory<int>[] Prefixes =>
        [.. Enumerable.Range(1, s_history.Length).Select(events => s_history.AsMemory(0, events))];

    [Theory]
    [InlineData("items", false)]
    [InlineData("vectors", true)]
    public void Either_kind_is_served_by_steps(string kind, bool takesVectors)
    {
        var bundle = Golden(kind);
        using var served = new ServedEncoder(bundle);

        Assert.Equal(takesVectors, bundle.Manifest.TakesVectors);
        Assert.Equal("by step", served.How);
    }

    [Fact]
    public void Both_kinds_say_the_same_to_the_bit_whoever_runs_them()
    {
        var (before, now) = (Golden("items"), Golden("vectors"));

        Assert.Equal(before.Vectors, now.Vectors);
        Assert.Equal(Whole(before), Whole(now));
        Assert.Equal(ByOnnx(before), ByOnnx(now));
        Assert.Equal(ByProgram(before), ByProgram(now));
        Assert.Equal(First, Whole(now)[0], 1e-5f);
    }

    private static Bundle Golden(string kind) =>
        Bundle.Load(Path.Combine(ContractFiles.Root, "tests", "StreamRec.Tests", "Golden", "bundles", kind));

    private static float[] Whole(Bundle bundle)
    {
        using var encoder = new OnnxUserEncoder(bundle);
        var prefixes = Prefixes;
        var users = new float[prefixes.Length * encoder.Dimension];
        encoder.Encode(prefixes, users);
        return users;
    }

    private static float[] ByOnnx(Bundle bundle)
    {
        using var model = new OnnxStepModel(bundle);
        using var steps = model.Open();
        return Stepped(steps);
    }

    private static float[] ByProgram(Bundle bundle)
    {
        using var model = new StepModel(bundle);
        Assert.Null(model.NotCompiled);
        return Stepped(model.Open());
    }

    private static float[] Stepped(IStepEncoder steps)
    {
        var users = new float[s_history.Length * steps.Dimension];
        float[][] state = [new float[steps.StateWidth]];
        steps.Start(state[0]);
        for (var at = 0; at < s_history.Length; at++)
        {
            steps.Step([s_history[at]], state, users.AsSpan(at * steps.Dimension));
        }
        return users;
    }
}
