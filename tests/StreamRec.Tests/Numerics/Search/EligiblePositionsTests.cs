using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>What is withheld from a search, beside <see cref="ExactTopNTests"/>.</summary>
public class EligiblePositionsTests
{
    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_list_is_not_shorter_while_eligible_items_exist(InstructionSet path)
    {
        // All of a few items, or a sample of many, tell what to expect; nine in ten that are gone make the sample
        // wrong.
        var random = new Random(5);
        CheckEligible(random, Gaussian(random, 4_000), 24, path);
        CheckEligible(random, TestVectors.NearDirections(random, 4_000, 40, 5, 0.3f), 40, path);
        CheckEligible(random, Gaussian(random, 11_000), 24, path);
        CheckEligible(random, TestVectors.NearDirections(random, 11_000, 40, 5, 0.3f), 40, path);
    }

    private static void CheckEligible(Random random, float[] vectors, int dimension, InstructionSet path)
    {
        var all = vectors.Length / dimension - 1;
        var index = ItemIndex.Build(vectors, dimension);
        var gone = Enumerable.Range(1, all).Where(_ => random.Next(10) < 9).ToArray();
        var search = new TopN(index, path);
        var user = Enumerable.Range(0, dimension).Select(_ => TestVectors.Gaussian(random)).ToArray();
        var seen = Enumerable.Range(1, all).Except(gone).Take(200).ToArray();
        var (items, scores) = (new int[150], new float[150]);

        var count = search.Search(user, seen, items, scores, new EligiblePositions(index, gone));

        var expected = PlainScan.Search(vectors, dimension, null, user, gone.Concat(seen), 150);
        Assert.Equal(150, expected.Length);
        Assert.Equal(expected, items.Zip(scores).Take(count));
    }

    [Fact]
    public void What_is_eligible_of_other_items_is_refused()
    {
        var random = new Random(5);
        var (index, other) = (ItemIndex.Build(Gaussian(random, 50), 24), ItemIndex.Build(Gaussian(random, 50), 24));

        Assert.Throws<ArgumentException>(() => new TopN(index).Begin(1, new EligiblePositions(other, [])));
        Assert.Contains(
            "1..50",
            Assert.Throws<ArgumentOutOfRangeException>(() => new EligiblePositions(index, [51])).Message
        );
    }

    private static float[] Gaussian(Random random, int items) =>
        [.. Enumerable.Range(0, (items + 1) * 24).Select(i => i < 24 ? 0 : TestVectors.Gaussian(random))];
}
