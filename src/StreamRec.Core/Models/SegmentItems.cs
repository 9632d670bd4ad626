using System.Text.Json.Serialization;

namespace StreamRec.Models;

/// <summary>What is popular in one segment of the users, such as <c>age:25-34</c>: immutable.</summary>
/// <param name="Segment">As events name it.</param>
/// <param name="Users">Users of the segment in the training data.</param>
/// <param name="Events">Their events.</param>
/// <param name="Rest">What stands for an item that is not named, for each of its events in all the training
/// data.</param>
/// <param name="Items">Item indices, best first, each once; <see cref="MostItems"/> at most.</param>
/// <param name="Scores">As many: how often each is expected among the segment's events.</param>
public sealed record SegmentItems(
    [property: JsonPropertyName("segment")] string Segment,
    [property: JsonPropertyName("users")] long Users,
    [property: JsonPropertyName("events")] long Events,
    [property: JsonPropertyName("rest")] float Rest,
    [property: JsonPropertyName("items")] IReadOnlyList<int> Items,
    [property: JsonPropertyName("scores")] IReadOnlyList<float> Scores
)
{
    /// <summary>Segments in a bundle at most: a worker writes a list of each when it starts.</summary>
    public const int MostSegments = 1000;

    /// <summary>As long as the longest list.</summary>
    public const int MostItems = 1000;

    /// <summary>All items with their scores, best first: those named, then the others by their counts.</summary>
    /// <param name="counts">N+1, of all the training data.</param>
    /// <param name="byCount">Items 1…N by count.</param>
    public IEnumerable<(int Item, float Score)> InOrder(IReadOnlyList<long> counts, IEnumerable<int> byCount)
    {
        var named = Items.ToHashSet();
        return Items
            .Zip(Scores)
            .Concat(byCount.Where(item => !named.Contains(item)).Select(i => (i, Rest * counts[i])));
    }
}
