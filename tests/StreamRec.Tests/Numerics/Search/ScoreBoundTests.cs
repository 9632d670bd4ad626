using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>
/// What an item's coded product says of its score is true, with and without directions, biases, and known users.
/// </summary>
public class ScoreBoundTests
{
    [Theory]
    [InlineData(9_300, 64, true, false)]
    [InlineData(9_300, 64, false, false)]
    [InlineData(9_300, 64, true, true)]
    [InlineData(2_000, 24, true, false)]
    public unsafe void A_score_lies_between_what_its_product_allows(
        int items,
        int dimension,
        bool withBiases,
        bool knownUsers
    )
    {
        var random = new Random(items + dimension);
        var vectors = TestVectors.NearDirections(random, items, dimension, 6, 0.3f);
        float[]? biases = withBiases
            ? [0, .. Enumerable.Range(0, items).Select(_ => 2 * TestVectors.Gaussian(random))]
            : null;
        using var index = ItemIndex.Build(
            vectors,
            dimension,
            biases,
            knownUsers ? TestVectors.Users(random, 50, dimension, seed: 1) : default
        );
        Assert.Equal(items > 9_000, index.Space.RestAt >= 0);
        var user = new UserSearch(index, InstructionSet.Plain);
        var products = new short[ItemIndex.BlockItems];
        for (var round = 0; round < 20; round++)
        {
            var size = MathF.Exp(3 * TestVectors.Gaussian(random));
            user.Set([.. Enumerable.Range(0, dimension).Select(_ => size * TestVectors.Gaussian(random))], []);
            var block = round % index.Blocks.Length;
            ref readonly var bound = ref index.Blocks[block];
            fixed (short* all = products)
            {
                FirstPass.Products(
                    index.Panels.Pointer + (long)block * ItemIndex.BlockPanels * index.PanelBytes,
                    ItemIndex.BlockPanels,
                    index.Pairs,
                    user.Codes,
                    all,
                    InstructionSet.Plain
                );
            }
            for (
                var position = block * ItemIndex.BlockItems;
                position < Math.Min(items, (block + 1) * ItemIndex.BlockItems);
                position++
            )
            {
                var product = products[position % ItemIndex.BlockItems];
                var score =
                    CanonicalScore.Dot(
                        user.Vector,
                        index.Rows.Pointer + (long)position * index.Padded,
                        index.Padded,
                        InstructionSet.Plain
                    ) + (index.Biases?[position] ?? 0);

                Assert.True(
                    score >= ScoreBound.Least(user, bound, index, product),
                    $"{score} is less than {product} allows."
                );
                Assert.True(
                    score
                        <= product * user.Quantized.Scale * bound.Scale
                            + ScoreBound.Error(user.Quantized, bound, index.Space, index.Padded),
                    $"{score} is more than {product} allows."
                );
            }
        }
    }

    [Theory]
    [InlineData(64, true)] // two directions make room for the bias
    [InlineData(64, false)]
    [InlineData(50, true)]
    public unsafe void A_score_is_no_more_than_its_product_by_rows_allows(int dimension, bool withBiases)
    {
        const int items = 2_000;
        var random = new Random(dimension);
        var vectors = TestVectors.NearDirections(random, items, dimension, 6, 0.3f);
        float[]? biases = withBiases
            ? [0, .. Enumerable.Range(0, items).Select(_ => 2 * TestVectors.Gaussian(random))]
            : null;
        using var index = TestVectors.IndexAlong(vectors, dimension, biases, 10, secondPass: true);
        var codes = index.RowCodes!;
        Assert.Equal(64, codes.RowBytes);
        var user = new UserSearch(index, InstructionSet.Plain);
        for (var round = 0; round < 20; round++)
        {
            var size = MathF.Exp(3 * TestVectors.Gaussian(random));
            user.Set([.. Enumerable.Range(0, dimension).Select(_ => size * TestVectors.Gaussian(random))], []);
            for (var position = round; position < items; position += 7)
            {
                ref readonly var bound = ref codes.Blocks[position / ItemIndex.BlockItems];
                var score =
                    CanonicalScore.Dot(
                        user.Vector,
                        index.Rows.Pointer + (long)position * index.Padded,
                        index.Padded,
                        InstructionSet.Plain
                    ) + (index.Biases?[position] ?? 0);
                user.Best.Begin(1);
                user.Best.Expect(score);

                Assert.True(
                    SecondPassTests.Product(user.CodesForRows, codes, position)
                        > ScoreBound.RowThreshold(user, bound, codes, index.Padded)
                );
            }
        }
    }
}
