using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>One sequence of item ids a line, oldest first, spaces between. Each line is a user of its own; times are made up.</summary>
internal static class Sequences
{
    public static readonly ImportVariant Variant = new(
        "sequences (item ids, spaces between)", line => !line.Contains('\t', StringComparison.Ordinal), Read);

    private static IEnumerable<ImportRow> Read(string path)
    {
        long users = 0, events = 0;
        foreach (var (number, line) in TextLines.Read(path))
        {
            if (line.Contains('\t', StringComparison.Ordinal))
            {
                yield return ImportRow.Bad(number, "there is a tab; item ids are separated by spaces");
                continue;
            }
            var user = MadeUp.UserId(++users);
            foreach (var item in line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                yield return new ImportRow(number, new ClickEvent("", user, item, EventTypes.Click, MadeUp.Time(events++), user));
            }
        }
    }
}
