using StreamRec.Events;
using StreamRec.Import.Rows;
using StreamRec.Import.Times;

namespace StreamRec.Import.Formats;

/// <summary>
/// RecBole's .inter files: tabs between, and a header whose columns carry their types, such as user_id:token.
/// </summary>
internal static class Inter
{
    public static readonly ImportVariant Variant = new(
        ".inter (a header of typed columns such as user_id:token)",
        line => line.Contains(":token", StringComparison.Ordinal),
        Read
    );

    private static ImportRows Read(ImportSource source, long? startMs)
    {
        string[] header = [.. source.FirstLine.Split('\t').Select(field => field.Split(':')[0].Trim())];
        int? Column(string name) => Array.IndexOf(header, name) is var at and >= 0 ? at + 1 : null;
        if (header.Any(name => name.EndsWith("_list", StringComparison.Ordinal)))
        {
            throw source.Fault(
                "holds prefixes and the items that came next, not events: give the .inter that it was " + "made of."
            );
        }
        if ((Column("user_id") ?? Column("session_id")) is not { } user || Column("item_id") is not { } item)
        {
            throw source.Fault(
                "has no columns user_id (or session_id) and item_id with tabs between; it has "
                    + $"{string.Join(", ", header.Take(20).Select(name => Excerpt.Of(name)))}."
            );
        }
        return Table.Read(
            source,
            new TableOptions
            {
                User = $"{user}",
                Item = $"{item}",
                Time = Text(Column("timestamp")),
                Session = Text(Column("session_id")),
                Header = false,
                SkipHeader = true,
                Separator = "\t",
                DefaultType = Column("rating") is null ? EventTypes.Click : EventTypes.Rating,
                Times = new TimeOptions(StartMs: Column("timestamp") is null ? startMs : null),
            }
        );
    }

    private static string? Text(int? column) => column is { } there ? $"{there}" : null;
}
