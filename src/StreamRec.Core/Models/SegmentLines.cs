using System.Text.Json;
using StreamRec.Events;

namespace StreamRec.Models;

/// <summary>segments.jsonl of a bundle: a line of JSON for each segment.</summary>
internal static class SegmentLines
{
    public static byte[] Write(IReadOnlyList<SegmentItems> segments)
    {
        using var lines = new MemoryStream();
        foreach (var segment in segments)
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(segment));
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }

    /// <param name="items">N.</param>
    /// <exception cref="InvalidDataException">They are none; the message says why.</exception>
    public static IReadOnlyList<SegmentItems> Read(byte[] bytes, int items)
    {
        var segments = new List<SegmentItems>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        using var lines = new StreamReader(new MemoryStream(bytes));
        while (lines.ReadLine() is { } line)
        {
            number++;
            var read = Parse(line);
            var fault =
                read is null ? "it is not one segment with its items and scores"
                : EventRules.Segments([read.Segment]) is { } error ? error.Sentence
                : !names.Add(read.Segment) ? $"\"{Excerpt.Of(read.Segment)}\" stands there twice"
                : number > SegmentItems.MostSegments ? $"there are more than {SegmentItems.MostSegments} segments"
                : Fault(read, items);
            if (fault is not null)
            {
                throw new InvalidDataException($"line {number}: {fault}");
            }
            segments.Add(read!);
        }
        return segments;
    }

    private static SegmentItems? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SegmentItems>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Fault(SegmentItems read, int items) =>
        read.Items is null || read.Scores is null || read.Items.Count != read.Scores.Count
            ? "there are not as many scores as items"
        : read.Items.Count > SegmentItems.MostItems
            ? $"{read.Items.Count} items are more than the {SegmentItems.MostItems} that a list may have"
        : read.Items.Any(item => item < 1 || item > items) ? $"an item is not in 1..{items}"
        : read.Items.Distinct().Count() != read.Items.Count ? "an item stands there twice"
        : read.Scores.Append(read.Rest).Any(score => !float.IsFinite(score) || score < 0)
            ? "a score, or rest, is negative or not finite"
        : read.Scores.Zip(read.Scores.Skip(1)).Any(pair => pair.First < pair.Second) ? "the best item is not first"
        : null;
}
