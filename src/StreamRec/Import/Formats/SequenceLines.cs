using System.Buffers;
using StreamRec.Events;
using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>
/// One sequence of item ids a line, oldest first, spaces between. Each line is a user of its own; times are made up.
/// </summary>
internal static class SequenceLines
{
    /// <summary>
    /// What stands between the fields of tables, and never in an item id here: whole lines of a table are no ids.
    /// </summary>
    private static readonly SearchValues<char> s_between = SearchValues.Create(",;|\t\"{}<>\0");

    public static readonly ImportVariant Variant = new(
        "sequences (item ids, spaces between)",
        line => !line.AsSpan().ContainsAny(s_between) && !line.Contains("::", StringComparison.Ordinal),
        Read
    );

    private static ImportRows Read(ImportSource source, long? startMs) =>
        new(Rows(source, startMs), TimesMadeUp: true, UsersMadeUp: true);

    private static IEnumerable<ImportRow> Rows(ImportSource source, long? startMs)
    {
        long users = 0,
            events = 0;
        while (source.Lines.Next())
        {
            var number = source.Lines.Number;
            if (source.Lines.IsTooLong)
            {
                yield return ImportRow.Bad(
                    number,
                    BadRow.Fields,
                    $"the line has more than {LineBuffer.MostBytes} " + "bytes"
                );
                continue;
            }
            var line = Text(source);
            if (line.AsSpan().ContainsAny(s_between))
            {
                var at = line.AsSpan().IndexOfAny(s_between);
                yield return ImportRow.Bad(
                    number,
                    BadRow.Fields,
                    $"there is '{Excerpt.Of(line.AsSpan(at, 1))}'; " + "item ids have spaces between"
                );
                continue;
            }
            var items = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (items.Length == 0)
            {
                continue;
            }
            var user = MadeUp.UserId(++users);
            foreach (var item in items)
            {
                var ms = MadeUp.Time(startMs, events++);
                yield return new ImportRow(number, new ClickEvent("", user, item, EventTypes.Click, ms, user));
            }
        }
    }

    private static string Text(ImportSource source)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, true).GetString(source.Lines.Record);
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw source.NotUtf8(source.Lines.Number);
        }
    }
}
