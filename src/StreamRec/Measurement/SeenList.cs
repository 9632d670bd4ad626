using StreamRec.Recommendations;

namespace StreamRec.Measurement;

/// <summary>A published list, as far as a measuring reader needs it.</summary>
/// <param name="LastEventId">The newest event that it includes; null for the popular one.</param>
internal sealed record SeenList(string? LastEventId, IReadOnlyList<string> Items)
{
    public static SeenList Parse(ReadOnlyMemory<byte> json)
    {
        var list = PublishedList.Parse(json.Span);
        return new SeenList(list.LastEvent?.Id, list.Items);
    }
}
