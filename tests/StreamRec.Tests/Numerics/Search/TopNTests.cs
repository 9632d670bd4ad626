using StreamRec.Numerics.Search;

namespace StreamRec.Tests.Numerics.Search;

public class TopNTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 3, 10)]
    [InlineData(300, 16, 100)]
    [InlineData(1000, 65, 33)]
    public void Equals_a_sort_of_all_scores(int items, int dimension, int n)
    {
        var random = new Random(items);
        // Small integers: sums are exact in any order, and ties abound.
        var vectors = Enumerable.Range(0, (items + 1) * dimension).Select(_ => (float)random.Next(-3, 4)).ToArray();
        var biases = Enumerable.Range(0, items + 1).Select(_ => (float)random.Next(-3, 4)).ToArray();
        var user = Enumerable.Range(0, dimension).Select(_ => (float)random.Next(-3, 4)).ToArray();
        var excluded = Enumerable.Range(0, items / 3).Select(_ => random.Next(0, items + 1)).ToArray();
        var expected = Enumerable
            .Range(1, items)
            .Except(excluded)
            .Select(i =>
                (
                    Item: i,
                    Score: Enumerable.Range(0, dimension).Sum(d => user[d] * vectors[i * dimension + d]) + biases[i]
                )
            )
            .OrderByDescending(x => x.Score)
            .ThenBy(x => x.Item)
            .Take(n)
            .ToArray();
        var found = new int[n];
        var scores = new float[n];

        var count = new TopN(vectors, dimension, biases).Search(user, excluded, found, scores);

        Assert.Equal(expected.Select(x => x.Item), found[..count]);
        Assert.Equal(expected.Select(x => x.Score), scores[..count]);
    }

    [Fact]
    public void A_user_that_is_not_a_number_is_refused_and_the_next_one_is_served()
    {
        var search = new TopN([0, 1, 2], 1, null);
        var items = new int[2];
        var scores = new float[2];

        Assert.Throws<ArgumentException>(() => search.Search([float.NaN], [], items, scores));

        Assert.Equal(2, search.Search([1f], [], items, scores));
        Assert.Equal([2, 1], items);
    }
}
