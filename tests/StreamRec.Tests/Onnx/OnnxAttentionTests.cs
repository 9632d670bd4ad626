using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Training.Export;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Onnx;

/// <summary>explain.onnx tells the shares by which the encoder itself weighs events.</summary>
public sealed class OnnxAttentionTests : IDisposable
{
    private const int Longest = 23;
    private const float Tolerance = 1e-5f;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly int[] _items =
    [
        .. Enumerable.Range(0, Longest).Select(place => 1 + (place * 17 % StepBundles.Items)),
    ];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(ModelOptions.LstmAttention, false)]
    [InlineData(ModelOptions.LstmAttention, true)]
    [InlineData(ModelOptions.ConvolutionAttention, true)]
    public void Another_event_takes_from_all_before_it_alike(string architecture, bool residual)
    {
        using var attention = Open(StepBundles.Weights(architecture, residual));
        float[] before = [];
        for (var length = 1; length <= Longest; length++)
        {
            var shares = attention.Shares(_items.AsSpan(0, length));
            Assert.Equal(1, shares.Sum(), Tolerance);
            Assert.All(shares, share => Assert.InRange(share, float.Epsilon, 1));
            Assert.All(before.Zip(shares), pair => Assert.Equal(pair.First * (1 - shares[^1]), pair.Second, Tolerance));
            before = shares;
        }
        // Else it would hold of any shares that are equal.
        Assert.True(before.Max() > 2 * before.Min());
    }

    /// <summary>
    /// With all attention on one event, and nothing else in the user's vector, users are equal where it is the same
    /// event, and differ where it is another.
    /// </summary>
    [Fact]
    public void The_encoder_weighs_by_the_same_shares()
    {
        var weights = StepBundles.Weights(ModelOptions.LstmAttention);
        Scale(weights.FromLast.Value.Span, 0);
        Scale(weights.Attention!.Value.Span, 100_000);
        weights.Repack();
        using var attention = Open(weights);
        using var encoder = new OnnxUserEncoder(Bundle.Load(_directory));
        var users = new float[Longest * weights.Dimension];
        encoder.Encode([.. Enumerable.Range(1, Longest).Select(n => new ReadOnlyMemory<int>(_items, 0, n))], users);

        var attended = Enumerable.Range(1, Longest).Select(Attended).ToArray();
        Assert.True(attended.Distinct().Count() > 2);
        for (var one = 0; one < Longest; one++)
        {
            for (var other = 0; other < one; other++)
            {
                Assert.Equal(attended[one] == attended[other], Distance(one, other) < 1e-3);
            }
        }
        int Attended(int length)
        {
            var shares = attention.Shares(_items.AsSpan(0, length));
            Assert.Equal(1, shares.Max(), Tolerance);
            return Array.IndexOf(shares, shares.Max());
        }
        float Distance(int one, int other) =>
            System.Numerics.Tensors.TensorPrimitives.Distance<float>(
                users.AsSpan(one * weights.Dimension, weights.Dimension),
                users.AsSpan(other * weights.Dimension, weights.Dimension)
            );
    }

    [Fact]
    public void A_graph_without_shares_is_refused_by_name()
    {
        var weights = StepBundles.Weights(ModelOptions.LstmAttention);
        var bundle = StepBundles.Write(_directory, weights, explain: EncoderExport.Write(weights));

        var fault = Assert.Throws<StreamRecException>(() => new OnnxAttention(bundle));

        Assert.Contains("explain.onnx", fault.Message);
        Assert.Contains("no output \"shares\"", fault.Message);
    }

    private OnnxAttention Open(EncoderWeights weights) =>
        new(StepBundles.Write(_directory, weights, explain: ExplainExport.Write(weights)));

    private static void Scale(Span<float> values, float factor)
    {
        foreach (ref var value in values)
        {
            value *= factor;
        }
    }
}
