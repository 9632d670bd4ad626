using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Import.Formats;

/// <summary>A column that says of what kind a user is.</summary>
/// <param name="Kind">What stands before the colon of the segment.</param>
/// <param name="Name">The column.</param>
/// <param name="Step">Whole numbers are put into ranges of so many, from 0; 0: what stands there is taken.</param>
internal sealed record SegmentColumn(string Kind, string Name, int Step = 0)
{
    private const string Example =
        "give KIND=COLUMN, such as country=Country, or KIND=COLUMN/STEP for ranges of a number, "
        + "such as age=Age/10";

    /// <exception cref="StreamRecException">They are none, or too many.</exception>
    public static IReadOnlyList<SegmentColumn> Parse(IReadOnlyList<string> texts) =>
        texts.Count <= EventLimits.MaxSegments
            ? [.. texts.Select(Parse)]
            : throw new StreamRecException(
                $"--segment is given {texts.Count} times; an event has at most {EventLimits.MaxSegments} segments.",
                FaultKind.Usage
            );

    /// <summary>The segment of a user whose column holds this.</summary>
    public string Of(string value)
    {
        if (Step == 0 || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return $"{Kind}:{value}";
        }
        var from = number / Step * Step;
        return string.Create(CultureInfo.InvariantCulture, $"{Kind}:{from}-{from + Step - 1}");
    }

    private static SegmentColumn Parse(string text)
    {
        var (kind, column, step) = (text.IndexOf('='), text.Length, 0);
        if (
            text.LastIndexOf('/') is var slash
            && slash > kind
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out step)
            && step > 0
        )
        {
            column = slash;
        }
        return kind > 0 && kind + 1 < column && !text.AsSpan(0, kind).Contains(':')
            ? new(text[..kind], text[(kind + 1)..column], step)
            : throw new StreamRecException($"--segment is '{Excerpt.Of(text)}': {Example}.", FaultKind.Usage);
    }
}
