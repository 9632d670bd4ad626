using StreamRec.Ranking;

namespace StreamRec.Tests.Ranking;

/// <summary>What an item's coded product says of its score is true, with and without directions, with and without biases.</summary>
public class ScoreBoundTests
{
    [Theory]
    [InlineData(9_300, 64, true)]
    [InlineData(9_300, 64, false)]
    [InlineData(2_000, 24, true)]
    public unsafe void A_score_lies_between_what_its_product_allows(int items, int dimension, bool withBiases)
    {
        var random = new Random(items + dimension);
        var vectors = TestVectors.NearDirections(random, items, dimension, 6, 0.3f);
        float[]? biases = withBiases ? [0, .. Enumerable.Range(0, items).Select(_ => 2 * TestVectors.Gaussian(random))] : null;
        using var index = ItemIndex.Build(vectors, dimension, biases);
        var user = new Searching(index, VectorPath.Plain);
        var products = new short[ItemIndex.BlockItems];
        for (var round = 0; round < 20; round++)
        {
            var size = MathF.Exp(3 * TestVectors.Gaussian(random));
            user.Set([.. Enumerable.Range(0, dimension).Select(_ => size * TestVectors.Gaussian(random))], [], index);
            var block = round % index.Blocks.Length;
            ref readonly var bound = ref index.Blocks[block];
            fixed (short* all = products)
            {
                FirstPass.Products(
                    index.Panels.Pointer + (long)block * ItemIndex.BlockPanels * index.PanelBytes, ItemIndex.BlockPanels, index.Pairs,
                    user.Codes, all, VectorPath.Plain);
            }
            for (var position = block * ItemIndex.BlockItems; position < Math.Min(items, (block + 1) * ItemIndex.BlockItems); position++)
            {
                var product = products[position % ItemIndex.BlockItems];
                var score = CanonicalScore.Dot(
                    user.Vector, index.Rows.Pointer + (long)position * index.Padded, index.Padded, VectorPath.Plain) + (index.Biases?[position] ?? 0);

                Assert.True(score >= ScoreBound.Least(user, bound, index, product), $"{score} is less than {product} allows.");
                Assert.True(
                    score <= product * user.Quantized.Scale * bound.Scale + ScoreBound.Error(user, bound, index),
                    $"{score} is more than {product} allows.");
            }
        }
    }
}
