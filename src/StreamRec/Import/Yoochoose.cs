using System.Text.RegularExpressions;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>The RecSys Challenge 2015 files as published. The session is the user; categories and prices are left out.</summary>
internal static partial class Yoochoose
{
    /// <summary>yoochoose-clicks.dat: session, time, item, category.</summary>
    public static readonly ImportVariant Clicks = new(
        "yoochoose-clicks.dat (session,time,item,category)", ClickLine().IsMatch, path => Read(path, 4, EventTypes.Click));

    /// <summary>yoochoose-buys.dat: session, time, item, price, quantity.</summary>
    public static readonly ImportVariant Buys = new(
        "yoochoose-buys.dat (session,time,item,price,quantity)", BuyLine().IsMatch, path => Read(path, 5, EventTypes.Purchase));

    /// <summary>Prefixes with the item that came next hold no events of their own.</summary>
    public static readonly ImportVariant Prefixes = new(
        "sessions (item ids, spaces between)", line => line.Contains('\t', StringComparison.Ordinal), path => throw new StreamRecException(
            $"'{path}' holds test cases (a prefix, a tab, the next item), not events: give it to `streamrec evaluate --prefixes`.", ExitCode.BadInput));

    private static IEnumerable<ImportRow> Read(string path, int columns, string type)
    {
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            yield return fields.Length != columns ? ImportRow.Bad(number, $"{fields.Length} fields, not {columns}")
                : !TimeText.TryParse(fields[1], TimeUnit.Auto, out var ms) ? ImportRow.Bad(number, $"'{fields[1]}' is no time")
                : new ImportRow(number, new ClickEvent("", fields[0], fields[2], type, ms, fields[0]));
        }
    }

    [GeneratedRegex(@"^\d+,\d{4}-[^,]+,\d+,[^,]*$")]
    private static partial Regex ClickLine();

    [GeneratedRegex(@"^\d+,\d{4}-[^,]+,\d+,[^,]*,[^,]*$")]
    private static partial Regex BuyLine();
}
