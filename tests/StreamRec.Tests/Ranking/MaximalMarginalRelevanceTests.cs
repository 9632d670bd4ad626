using StreamRec.Ranking;

namespace StreamRec.Tests.Ranking;

public class MaximalMarginalRelevanceTests
{
    [Theory]
    [InlineData(0.1f, 7, 60, 20)]
    [InlineData(0.5f, 7, 60, 20)]
    [InlineData(0.9f, 7, 60, 20)]
    [InlineData(0.5f, 3, 60, 60)]
    [InlineData(0.3f, 64, 90, 45)]
    [InlineData(0.95f, 20, 50, 30)]
    [InlineData(1f, 20, 50, 30)]
    public void Chooses_as_the_definition_says(float lambda, int dimension, int candidates, int places)
    {
        var random = new Random(4);
        var vectors = Enumerable
            .Range(0, (candidates + 1) * dimension)
            .Select(_ => (float)random.Next(-2, 3))
            .ToArray();
        var diversity = new MaximalMarginalRelevance(vectors, dimension, lambda);
        for (var round = 0; round < 3; round++)
        {
            // The same one again, with fewer candidates: it keeps its memory.
            var items = Enumerable.Range(1, candidates - 5 * round).OrderBy(_ => random.Next()).ToArray();
            // As the worker gives them: room for more candidates than there are.
            float[] scores =
            [
                .. items.Select(_ => (float)random.NextDouble()).OrderDescending(),
                .. new float[2 * candidates],
            ];
            var of = items.Zip(scores).ToDictionary(pair => pair.First, pair => pair.Second);
            var expected = Define(
                vectors,
                dimension,
                items,
                scores[..items.Length],
                lambda,
                Math.Min(places, items.Length)
            );

            var count = diversity.Choose([], items, scores, places);

            Assert.Equal(expected, items[..count]);
            Assert.Equal(items[..count].Select(item => of[item]), scores[..count]);
        }
    }

    [Fact]
    public void Near_copies_make_room()
    {
        float[] vectors = [0, 0, 1, 0, 1, 0.01f, 1, 0.02f, 0, 1];
        int[] items = [1, 2, 3, 4];
        float[] scores = [1, 0.99f, 0.98f, 0.9f];

        var count = new MaximalMarginalRelevance(vectors, 2, 0.6f).Choose([], items, scores, 2);

        Assert.Equal([1, 4], items[..count]);
        Assert.Equal([1, 0.9f], scores[..count]);
    }

    [Fact]
    public void Nothing_changes_at_zero()
    {
        int[] items = [3, 1, 2];
        float[] scores = [3, 2, 1];

        Assert.Equal(2, new MaximalMarginalRelevance([0, 1, 1, 1], 1, 0).Choose([], items, scores, 2));
        Assert.Equal([3, 1, 2], items);
    }

    private static int[] Define(float[] vectors, int dimension, int[] items, float[] scores, float lambda, int places)
    {
        float[] V(int item) => vectors[(item * dimension)..((item + 1) * dimension)];
        double Dot(float[] a, float[] b) => a.Zip(b).Sum(p => (double)p.First * p.Second);
        double Cosine(int a, int b) =>
            Dot(V(a), V(a)) * Dot(V(b), V(b)) is > 0 and var size ? Dot(V(a), V(b)) / Math.Sqrt(size) : 0;
        var chosen = new List<int>();
        while (chosen.Count < places)
        {
            // Rounded, so that ties of the definition are ties here.
            double Value(int at) =>
                Math.Round(
                    (1 - lambda) * (scores[at] - scores[^1]) / (scores[0] - scores[^1])
                        - lambda * chosen.Select(c => Cosine(items[at], c)).DefaultIfEmpty(-1).Max(),
                    5
                );
            chosen.Add(items[Enumerable.Range(0, items.Length).Where(at => !chosen.Contains(items[at])).MaxBy(Value)]);
        }
        return [.. chosen];
    }
}
