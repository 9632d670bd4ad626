using System.Text.Json.Serialization;

namespace StreamRec.Models;

/// <summary>What is popular in one segment of the users, such as <c>age:25-34</c>: immutable.</summary>
/// <param name="Segment">As events name it.</param>
/// <param name="Users">Users of the segment in the training data.</param>
/// <param name="Events">Their events.</param>
/// <param name="Rest">What stands for an item that is not named, times what stands for it in the popular list.</param>
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

    /// <summary>All items with their scores, best first: those named, then the others as all have them.</summary>
    /// <param name="popular">The popular list of all: items 1…N with their scores, best first.</param>
    public IEnumerable<(int Item, float Score)> InOrder(IEnumerable<(int Item, float Score)> popular)
    {
        var named = Items.ToHashSet();
        return Items
            .Zip(Scores)
            .Concat(popular.Where(one => !named.Contains(one.Item)).Select(one => (one.Item, Rest * one.Score)));
    }
}
