using System.Numerics.Tensors;
using StreamRec.Reranking;
using StreamRec.Similar;
using StreamRec.Tests.Reranking;

namespace StreamRec.Tests.Similar;

/// <summary>What is most like an item, beside all cosines.</summary>
public sealed class SimilarItemsTests
{
    private const int Size = 10;
    private static readonly RerankingTables s_tables = RerankingExample.Tables();
    private static readonly float[] s_vectors = Vectors();

    [Fact]
    public void The_nearest_by_cosine_come_first_and_never_the_item_itself()
    {
        using var similar = new SimilarItems(s_vectors, RerankingExample.Dimension, null);

        var lists = similar.All(Size).ToArray();

        Assert.Equal(Enumerable.Range(1, RerankingExample.Items), lists.Select(list => list.Item));
        Assert.All(
            lists.Where(list => list.Item != 7),
            list =>
            {
                var best = Others(list.Item).Select(other => Cosine(list.Item, other)).OrderDescending().Take(Size);
                Assert.Equal(best, list.Scores, (one, other) => MathF.Abs(one - other) < 1e-5f);
                Assert.Equal(list.Similar.Select(other => Cosine(list.Item, other)), list.Scores, Near);
                Assert.DoesNotContain(list.Item, list.Similar);
            }
        );
    }

    [Fact]
    public void What_is_withheld_makes_room_for_the_next()
    {
        int[] withheld = [.. Enumerable.Range(1, RerankingExample.Items).Where(item => item % 3 != 0)];
        using var similar = new SimilarItems(s_vectors, RerankingExample.Dimension, null, withheld);

        var list = similar.All(Size).ElementAt(4);

        Assert.Equal(Others(5).Except(withheld).OrderByDescending(other => Cosine(5, other)).Take(Size), list.Similar);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_put_the_nearest_in_order(bool whole)
    {
        var weights = RerankingExample.Tables(whole).Weights;
        using var similar = new SimilarItems(s_vectors, RerankingExample.Dimension, weights);

        var list = similar.All(Size).ElementAt(4);

        var nearest = Others(5).OrderByDescending(other => Cosine(5, other)).Take(SimilarItems.MostItems);
        Assert.Equal(nearest.OrderByDescending(other => weights.Of(5, other)).Take(Size), list.Similar);
        Assert.Equal(list.Similar.Select(other => weights.Of(5, other)), list.Scores);
        Assert.True(list.Scores[0] > list.Scores[^1]);
    }

    [Fact]
    public void An_item_of_which_nothing_is_known_has_none()
    {
        using var similar = new SimilarItems(s_vectors, RerankingExample.Dimension, s_tables.Weights);

        Assert.Empty(similar.All(Size).ElementAt(6).Similar);
    }

    [Fact]
    public void Whoever_stops_waits_for_no_further_item()
    {
        using var similar = new SimilarItems(s_vectors, RerankingExample.Dimension, null);
        using var stop = new CancellationTokenSource();
        var seen = new List<int>();

        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var list in similar.All(Size, stop.Token))
            {
                seen.Add(list.Item);
                stop.Cancel();
            }
        });
        Assert.True(seen.Count < RerankingExample.Items);
    }

    private static bool Near(float one, float other) => MathF.Abs(one - other) < 1e-5f;

    private static IEnumerable<int> Others(int item) =>
        Enumerable.Range(1, RerankingExample.Items).Where(i => i != item);

    private static float Cosine(int one, int other) =>
        other == 7 ? 0 : TensorPrimitives.CosineSimilarity<float>(Vector(one), Vector(other));

    private static ReadOnlySpan<float> Vector(int item) =>
        s_vectors.AsSpan(item * RerankingExample.Dimension, RerankingExample.Dimension);

    // Of item 7 nothing is known.
    private static float[] Vectors()
    {
        var vectors = s_tables.Vectors.ToArray();
        vectors.AsSpan(7 * RerankingExample.Dimension, RerankingExample.Dimension).Clear();
        return vectors;
    }
}
