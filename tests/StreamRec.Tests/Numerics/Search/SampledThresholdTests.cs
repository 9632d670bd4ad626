using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;
using StreamRec.Numerics.Search.Thresholds;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>
/// The guess of the threshold lets most lists be found at once, and keeps most items out: without it a search is right,
/// and slow.
/// </summary>
public unsafe class SampledThresholdTests
{
    private const int Wanted = 100,
        Users = 60,
        Dimension = 48;

    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public void All_of_a_few_items_and_a_sample_of_many_leave_a_few_lists_of_candidates(InstructionSet path)
    {
        var random = new Random(2);

        Check(SpreadNorms(random, 3_001), random, path);
        Check(SpreadNorms(random, 20_000), random, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void All_of_a_few_items_along_directions_leave_hardly_more_than_a_list(InstructionSet path)
    {
        var random = new Random(3);
        var vectors = TestVectors.NearDirections(random, 3_000, Dimension, 6, 0.05f);

        Check(TestVectors.IndexAlong(vectors, Dimension, null, 8, secondPass: false), random, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_was_guessed_from_all_items_tells_which_are_above_a_threshold(InstructionSet path)
    {
        var random = new Random(5);
        foreach (var count in (int[])[500, ItemIndex.BlockItems, 3_001])
        {
            using var index = SpreadNorms(random, count);
            var (excluded, gone) = (Numbers(random, 60, count), Numbers(random, 60, count));
            var eligible = new EligiblePositions(index, gone);
            var user = new UserSearch(index, path);
            user.Set(Enumerable.Range(0, Dimension).Select(_ => TestVectors.Gaussian(random)).ToArray(), excluded);
            user.Best.Begin(Wanted);
            var sampled = new SampledThreshold(index, path);
            Assert.True(sampled.IsFirstPass);

            sampled.Guess([user], [0], Wanted, eligible);

            var products = new short[index.Blocks.Length * ItemIndex.BlockItems];
            fixed (short* first = products)
            {
                FirstPass.Products(
                    index.Panels.Pointer,
                    index.Blocks.Length * ItemIndex.BlockPanels,
                    index.Pairs,
                    user.Codes,
                    first,
                    InstructionSet.Plain
                );
            }
            foreach (
                var threshold in (short[])
                    [short.MinValue, -1, 0, products[count / 2], (short)(products.Max() - 1), short.MaxValue - 1]
            )
            {
                var bits = Enumerable.Repeat(uint.MaxValue, index.Blocks.Length * ItemIndex.BlockPanels).ToArray();
                fixed (uint* words = bits)
                {
                    for (var block = 0; block < index.Blocks.Length; block++)
                    {
                        sampled.Above(block, threshold, words + block * ItemIndex.BlockPanels);
                    }
                }
                for (var position = 0; position < products.Length; position++)
                {
                    var above = (bits[position / ItemIndex.PanelItems] >> position & 1) != 0;
                    var listed =
                        position < count
                        && !excluded.Contains(index.Items[position])
                        && !gone.Contains(index.Items[position]);
                    Assert.False(above && !listed, $"Item {position} is not to be listed.");
                    Assert.False(
                        !above && listed && products[position] > threshold,
                        $"{products[position]} is above {threshold}."
                    );
                    Assert.False(
                        above && products[position] < threshold - 64,
                        $"{products[position]} is far below {threshold}."
                    );
                }
            }
        }
    }

    [Fact]
    public void An_item_far_larger_than_the_others_leaves_too_little_of_their_products()
    {
        var random = new Random(6);
        float[] vectors =
        [
            .. Enumerable
                .Range(0, 3_001 * Dimension)
                .Select(i => i < Dimension ? 0 : TestVectors.Gaussian(random) * (i < 2 * Dimension ? 1e6f : 1)),
        ];

        Assert.False(new SampledThreshold(ItemIndex.Build(vectors, Dimension), InstructionSet.Plain).IsFirstPass);
    }

    private static ItemIndex SpreadNorms(Random random, int count)
    {
        var vectors = new float[(count + 1) * Dimension];
        for (var item = 1; item <= count; item++)
        {
            var size = MathF.Exp(0.3f * TestVectors.Gaussian(random));
            foreach (ref var value in vectors.AsSpan(item * Dimension, Dimension))
            {
                value = size * TestVectors.Gaussian(random);
            }
        }
        return ItemIndex.Build(
            vectors,
            Dimension,
            [.. Enumerable.Range(0, count + 1).Select(_ => TestVectors.Gaussian(random))]
        );
    }

    private static int[] Numbers(Random random, int count, int most) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(1, most + 1))];

    private static void Check(ItemIndex index, Random random, InstructionSet path)
    {
        var sampled = new SampledThreshold(index, path);
        Assert.True(sampled.Serves(Wanted));
        int found = 0,
            above = 0;
        for (var u = 0; u < Users; u++)
        {
            var user = new UserSearch(index, path);
            user.Set(Enumerable.Range(0, Dimension).Select(_ => TestVectors.Gaussian(random)).ToArray(), []);
            user.Best.Begin(Wanted);

            sampled.Guess([user], [0], Wanted, null);

            var reach = Enumerable
                .Range(0, index.Count)
                .Count(position =>
                    CanonicalScore.Dot(user.Vector, index.Rows.Pointer + position * index.Padded, index.Padded, path)
                        + (index.Biases?[position] ?? 0)
                    >= user.Best.Threshold
                );
            found += reach >= Wanted ? 1 : 0;
            above += reach;
        }
        Assert.True(found >= Users * 9 / 10, $"{found} of {Users} lists stand above their guess.");
        Assert.True(above <= Users * 4 * Wanted, $"{above / Users} items of a user stand above the guess.");
    }
}
