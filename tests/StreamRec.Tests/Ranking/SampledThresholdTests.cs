using StreamRec.Ranking;

namespace StreamRec.Tests.Ranking;

/// <summary>The guess of the threshold lets most lists be found at once, and keeps most items out: without it a search is right, and slow.</summary>
public unsafe class SampledThresholdTests
{
    private const int Wanted = 100, Users = 60, Dimension = 48;

    public static TheoryData<VectorPath> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_sample_of_many_items_leaves_a_few_lists_of_candidates(VectorPath path)
    {
        var random = new Random(2);
        var vectors = new float[20_001 * Dimension];
        for (var item = 1; item <= 20_000; item++)
        {
            var size = MathF.Exp(0.3f * TestVectors.Gaussian(random));
            foreach (ref var value in vectors.AsSpan(item * Dimension, Dimension))
            {
                value = size * TestVectors.Gaussian(random);
            }
        }
        var biases = Enumerable.Range(0, 20_001).Select(_ => TestVectors.Gaussian(random)).ToArray();

        Check(ItemIndex.Build(vectors, Dimension, biases), random, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void All_of_a_few_items_along_directions_leave_hardly_more_than_a_list(VectorPath path)
    {
        var random = new Random(3);
        var vectors = TestVectors.NearDirections(random, 3_000, Dimension, 6, 0.05f);

        Check(TestVectors.IndexAlong(vectors, Dimension, null, 8, secondPass: false), random, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void All_of_a_few_items_leave_hardly_more_than_a_list(VectorPath path)
    {
        var random = new Random(4);
        float[] vectors = [.. Enumerable.Range(0, 3_001 * Dimension).Select(i => i < Dimension ? 0 : TestVectors.Gaussian(random))];

        Check(ItemIndex.Build(vectors, Dimension), random, path);
    }

    private static void Check(ItemIndex index, Random random, VectorPath path)
    {
        var sampled = new SampledThreshold(index, null, path);
        Assert.True(sampled.Serves(Wanted));
        int found = 0, above = 0;
        for (var u = 0; u < Users; u++)
        {
            var user = new Searching(index, path);
            user.Set(Enumerable.Range(0, Dimension).Select(_ => TestVectors.Gaussian(random)).ToArray(), []);
            user.Best.Begin(Wanted);

            sampled.Guess([user], [0], Wanted);

            var reach = Enumerable.Range(0, index.Count).Count(position =>
                CanonicalScore.Dot(user.Vector, index.Rows.Pointer + position * index.Padded, index.Padded, path)
                + (index.Biases?[position] ?? 0) >= user.Best.Threshold);
            found += reach >= Wanted ? 1 : 0;
            above += reach;
        }
        Assert.True(found >= Users * 9 / 10, $"{found} of {Users} lists stand above their guess.");
        Assert.True(above <= Users * 4 * Wanted, $"{above / Users} items of a user stand above the guess.");
    }
}
