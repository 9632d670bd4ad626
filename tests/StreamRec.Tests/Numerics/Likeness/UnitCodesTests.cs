using System.Numerics.Tensors;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Likeness;

namespace StreamRec.Tests.Numerics.Likeness;

public class UnitCodesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(128)]
    [InlineData(4096)]
    public void A_product_is_the_cosine_and_the_same_on_every_path(int dimension)
    {
        var random = new Random(dimension);
        float[][] vectors =
        [
            .. Enumerable
                .Range(0, 10)
                .Select(_ => Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - .3f).ToArray()),
        ];
        // As large as a sum gets: the same direction, and the other way round.
        vectors[3] = [.. vectors[0].Select(value => value * 1000)];
        vectors[4] = [.. vectors[0].Select(value => -value)];
        var width = UnitCodes.WidthOf(dimension);
        short[] codes = [.. vectors.SelectMany(vector => Code(vector, width))];
        for (var count = 1; count < vectors.Length; count++)
        {
            var most = vectors[1..(count + 1)].Max(other => TensorPrimitives.CosineSimilarity(vectors[0], other));
            foreach (var path in Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported))
            {
                var product = UnitCodes.MaxProduct(codes.AsSpan(0, width), codes.AsSpan(width, count * width), path);

                Assert.Equal(most, (double)product / UnitCodes.One, 3e-3);
                Assert.Equal(
                    UnitCodes.MaxProduct(codes.AsSpan(0, width), codes.AsSpan(width, count * width), default),
                    product
                );
            }
        }
    }

    [Fact]
    public void A_vector_of_length_0_is_like_none() => Assert.All(Code([0, 0], 32), number => Assert.Equal(0, number));

    private static short[] Code(float[] vector, int width)
    {
        var code = new short[width];
        UnitCodes.Write(vector, code);
        return code;
    }
}
