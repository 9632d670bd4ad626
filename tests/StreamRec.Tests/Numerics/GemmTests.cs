using StreamRec.Numerics.Matrices;

namespace StreamRec.Tests.Numerics;

/// <summary>Products against a scalar twin, over sizes around the tiles' edges.</summary>
public unsafe class GemmTests
{
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            foreach (int m in (int[])[1, 5, 8, 9, 200])
            {
                foreach (int k in (int[])[1, 16, 257])
                {
                    foreach (int n in (int[])[1, 16, 32, 33, 80])
                    {
                        sizes.Add(m, k, n);
                    }
                }
            }
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Product_and_transposes_match_the_scalar_twin(int m, int k, int n)
    {
        var random = new Random(m + k + n);
        Matrix a = Fill(m, k, random),
            b = Fill(k, n, random),
            at = Transpose(a),
            bt = Transpose(b);
        float[] expected = Twin(a, b);
        Matrix plain = new(m, n),
            transposedLeft = new(m, n),
            transposedRight = new(m, n);

        Gemm.Multiply(a, new PackedMatrix().Pack(b), plain);
        Gemm.AddTransposed(at, new PackedMatrix().Pack(b), transposedLeft);
        Gemm.Multiply(a, new PackedMatrix().Pack(bt, transpose: true), transposedRight);

        foreach (var actual in (Matrix[])[plain, transposedLeft, transposedRight])
        {
            Assert.All(
                expected.Zip(actual.Span.ToArray()),
                pair => Assert.Equal(pair.First, pair.Second, 1e-4f * MathF.Sqrt(k))
            );
        }
    }

    [Fact]
    public void The_narrow_tile_matches_the_scalar_twin()
    {
        var random = new Random(1);
        for (int rows = 1; rows <= GemmTile256.Rows; rows++)
        {
            Matrix a = Fill(rows, 19, random),
                b = Fill(19, GemmTile256.Columns, random);
            foreach (bool accumulate in (bool[])[true, false])
            {
                Matrix c = new(rows, GemmTile256.Columns),
                    few = new(rows, GemmTile256.Columns);
                c.Span.Fill(3f);
                few.Span.Fill(3f);
                GemmTile256.Run(a.Data, 19, 1, b.Data, 19, c.Data, GemmTile256.Columns, rows, accumulate);
                Assert.All(
                    Twin(a, b).Zip(c.Span.ToArray()),
                    pair => Assert.Equal(pair.First + (accumulate ? 3f : 0f), pair.Second, 1e-4f)
                );
                if (rows <= GemmTile256.FewRows)
                {
                    GemmTile256.RunFew(a.Data, 19, 1, b.Data, 19, few.Data, GemmTile256.Columns, rows, accumulate);
                    Assert.Equal(c.Span.ToArray(), few.Span.ToArray());
                }
            }
        }
    }

    private static float[] Twin(Matrix a, Matrix b)
    {
        var c = new float[a.Rows * b.Cols];
        for (int i = 0; i < a.Rows; i++)
        {
            for (int j = 0; j < b.Cols; j++)
            {
                double sum = 0;
                for (int k = 0; k < a.Cols; k++)
                {
                    sum += (double)a.Row(i)[k] * b.Row(k)[j];
                }
                c[(i * b.Cols) + j] = (float)sum;
            }
        }
        return c;
    }

    private static Matrix Fill(int rows, int cols, Random random)
    {
        var block = new Matrix(rows, cols);
        foreach (ref float value in block.Span)
        {
            value = (random.NextSingle() * 2) - 1;
        }
        return block;
    }

    private static Matrix Transpose(Matrix x)
    {
        var result = new Matrix(x.Cols, x.Rows);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int j = 0; j < x.Cols; j++)
            {
                result.Row(j)[i] = x.Row(i)[j];
            }
        }
        return result;
    }
}
