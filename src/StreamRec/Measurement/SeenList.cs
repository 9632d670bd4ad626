using System.Text.Json;

namespace StreamRec.Measurement;

/// <summary>A published list, as far as a measuring reader needs it.</summary>
/// <param name="LastEventId">The newest event that it includes; null for the popular one.</param>
internal sealed record SeenList(string? LastEventId, IReadOnlyList<string> Items)
{
    public static SeenList Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new SeenList(
            root.TryGetProperty("last_event", out var last) ? last.GetProperty("id").GetString() : null,
            [.. root.GetProperty("items").EnumerateArray().Select(item => item.GetString()!)]);
    }
}
