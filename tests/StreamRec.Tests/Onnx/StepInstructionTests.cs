using StreamRec.Numerics.Matrices;
using StreamRec.Onnx.Steps;

namespace StreamRec.Tests.Onnx;

/// <summary>Instructions against scalar twins, over sizes around the edges of tiles and vectors.</summary>
public sealed unsafe class StepInstructionTests
{
    private const int DepthBlock = 256;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(300)]
    public void A_product_is_its_scalar_twin_to_the_bit(int depth)
    {
        var random = new Random(depth);
        foreach (int width in (int[])[1, 7, 15, 16, 17, 32, 33, 50, 256])
        {
            float[] w = Fill(depth * width, random),
                x = Fill(StepProgram.MostRows * depth, random);
            fixed (float* weights = w)
            {
                var product = new ProductInstruction(
                    new StepValue(depth, 0),
                    new PackedMatrix().Pack(weights, depth, width, width),
                    new StepValue(width, x.Length)
                );
                foreach (
                    int rows in (int[])
                        [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17, StepProgram.MostRows - 1, StepProgram.MostRows]
                )
                {
                    float[] memory = [.. x, .. new float[StepProgram.MostRows * width]];
                    fixed (float* start = memory)
                    {
                        product.Run(new StepFrame(new int[rows], start));
                    }
                    Assert.Equal(Twin(x, w, rows, depth, width), memory.AsSpan(x.Length, rows * width).ToArray());
                    Assert.All(memory[(x.Length + (rows * width))..], value => Assert.Equal(0f, value));
                }
            }
        }
    }

    /// <summary>A curve goes on to the end of its last vector, and a value is as long as that.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    public void A_curve_ends_where_its_value_does(int width)
    {
        int most = StepProgram.Whole(StepProgram.MostRows * width);
        float[] x = Fill(most, new Random(width));
        var curve = new CurveInstruction(Curves.Exp, new StepValue(width, 0), new StepValue(width, most));
        for (int rows = 1; rows <= StepProgram.MostRows; rows++)
        {
            float[] memory = [.. x, .. new float[most], .. Enumerable.Repeat(7f, ActivationKernels.Width)];
            fixed (float* start = memory)
            {
                curve.Run(new StepFrame(new int[rows], start));
            }
            Assert.All(
                Enumerable.Range(0, rows * width),
                at => Assert.Equal(MathF.Exp(x[at]), memory[most + at], 1e-5f)
            );
            Assert.Equal(x, memory[..most]);
            Assert.All(memory[(2 * most)..], value => Assert.Equal(7f, value));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(19)]
    [InlineData(64)]
    public void Sums_of_rows_are_the_same_wherever_the_row_lies(int length)
    {
        float[] row = Fill(length, new Random(length));
        var memory = new float[length + 33];
        float sum = 0f,
            squares = 0f;
        for (int at = 0; at <= 33; at++)
        {
            row.CopyTo(memory, at);
            fixed (float* start = memory)
            {
                (float sumHere, float squaresHere) = (
                    RowSums.Sum(start + at, length),
                    RowSums.Squares(start + at, length, 0.25f)
                );
                (sum, squares) = at == 0 ? (sumHere, squaresHere) : (sum, squares);
                Assert.Equal((sum, squares), (sumHere, squaresHere));
            }
        }
        Assert.Equal(row.Sum(value => (double)value), sum, 1e-5);
        Assert.Equal(row.Sum(value => Math.Pow(value - 0.25, 2)), squares, 1e-4);
    }

    /// <summary>One chain of fused operations in the order of k for each 256 of them.</summary>
    private static float[] Twin(float[] x, float[] w, int rows, int depth, int width)
    {
        var y = new float[rows * width];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < width; column++)
            {
                for (int from = 0; from < depth; from += DepthBlock)
                {
                    float chain = 0f;
                    for (int k = from; k < Math.Min(depth, from + DepthBlock); k++)
                    {
                        chain = MathF.FusedMultiplyAdd(x[(row * depth) + k], w[(k * width) + column], chain);
                    }
                    y[(row * width) + column] = from == 0 ? chain : chain + y[(row * width) + column];
                }
            }
        }
        return y;
    }

    private static float[] Fill(int length, Random random) =>
        [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2f) - 1f)];
}
