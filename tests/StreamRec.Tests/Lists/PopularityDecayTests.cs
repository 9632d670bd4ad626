using StreamRec.Lists;

namespace StreamRec.Tests.Lists;

/// <summary>How much an event counts for what is popular, and what that orders.</summary>
public sealed class PopularityDecayTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.5)]
    [InlineData(3, 0.125)]
    public void An_event_counts_half_of_it_each_half_life(int halfLives, double weight)
    {
        var half = TimeSpan.FromHours(12);

        Assert.Equal(weight, PopularityDecay.WeightOf(0, halfLives * (long)half.TotalMilliseconds, half), 1e-12);
        Assert.Equal(1, PopularityDecay.WeightOf(0, halfLives * (long)half.TotalMilliseconds, null));
    }

    [Fact]
    public void An_items_weight_is_the_sum_of_its_events()
    {
        ReadOnlyMemory<int>[] sequences = [new[] { 1, 2 }, new[] { 2 }];
        ReadOnlyMemory<long>[] times = [new[] { 0L, 1000L, 2000L }, new[] { 2000L }];

        Assert.Equal([0, .25, 1.5, 0], PopularityDecay.Weights(sequences, times, 3, 2000, TimeSpan.FromSeconds(1)));
        Assert.Equal([0, 1, 2, 0], PopularityDecay.Weights(sequences, times, 3, 2000, null));
    }

    /// <summary>Of items whose events are so old that nothing is left of them, the counts still tell.</summary>
    [Fact]
    public void Weights_order_the_list_then_counts_then_places()
    {
        long[] counts = [0, 1, 9, 3, 9, 0];

        Assert.Equal([2, 4, 3, 1, 5], PopularItems.InOrder(counts));
        Assert.Equal([1, 3, 2, 4, 5], PopularItems.InOrder(counts, [0, .5f, 0, .2f, 0, 0]));
    }
}
