using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;

namespace StreamRec.Tests.Training;

public class PrefixAttentionTests
{
    /// <summary>Buffers are used again: what they held before must not show, not even where it was no number.</summary>
    [Fact]
    public void Forgets_what_its_buffers_held()
    {
        var a = new Parameter("a", 0, 1, 16, packed: false);
        a.Value.Span.Fill(0.1f);
        var batch = new PackedBatch([new int[] { 1, 1 }]);
        var h = new Matrix(2, 16);
        var attention = new PrefixAttention(a);
        h.Span.Fill(float.NaN);
        attention.Forward(batch, h);
        h.Span.Fill(2f);

        Assert.All(attention.Forward(batch, h).Span.ToArray(), value => Assert.Equal(2f, value, 1e-5f));
    }

    /// <summary>Scores hundreds apart, where a plain sum of e^s overflows.</summary>
    [Fact]
    public void Stays_finite_and_right_for_scores_far_apart()
    {
        var a = new Parameter("a", 0, 1, 16, packed: false);
        a.Value.Span[0] = 1f;
        var batch = new PackedBatch([new int[] { 1, 1, 1, 1 }]);
        var h = new Matrix(4, 16);
        float[] scores = [-500f, 300f, 299f, -200f];
        for (int row = 0; row < 4; row++)
        {
            h.RowSpan(row).Fill(row);
            h.RowSpan(row)[0] = scores[row];
        }
        var y = new PrefixAttention(a).Forward(batch, h);

        double second = 1 / (1 + Math.Exp(-1));
        double[] expected = [0, 1, second + (2 * (1 - second)), second + (2 * (1 - second))];
        for (int row = 0; row < 4; row++)
        {
            Assert.Equal(expected[row], y.RowSpan(row)[5], 1e-5);
        }
    }
}
