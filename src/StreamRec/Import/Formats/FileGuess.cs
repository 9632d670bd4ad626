using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>
/// What a file looks like that was given as something else, and which command fits: by its first line.
/// </summary>
internal static class FileGuess
{
    /// <summary>One sentence or two.</summary>
    public static string Of(ImportSource source)
    {
        var line = source.FirstLine.Trim();
        if (Json(line) is { } json)
        {
            return json;
        }
        if (line.StartsWith('<'))
        {
            return "It begins as a page of HTML or XML does: was it downloaded whole?";
        }
        // SequenceLines fit nearly any line.
        var known = ImportFormat.All.FirstOrDefault(format =>
            format
                .Variants.Except([SequenceLines.Variant, Yoochoose.Prefixes])
                .Any(variant => variant.Fits(source.FirstLine))
        );
        if (known is not null)
        {
            return $"It looks like {known.Name}: `streamrec import {known.Name}`.";
        }
        if (line.Contains("::", StringComparison.Ordinal))
        {
            return "Its fields have :: between: `streamrec import csv` with --separator :: reads it, and its columns "
                + "are to be named.";
        }
        return Separators.Guess(line) is { } separator
            ? $"It looks like a table with {Separators.NameOf(separator)} between fields: `streamrec import "
                + $"{(separator == "\t" ? "tsv" : "csv")} "
                + "… --user COLUMN --item COLUMN --time COLUMN`."
            : "For any table use csv or tsv, and name its columns.";
    }

    /// <summary>What to do with JSON; null for other lines.</summary>
    public static string? Json(string line) =>
        line.TrimStart() is not ['{' or '[', ..] ? null
        : line.Contains("\"user_id\"", StringComparison.Ordinal)
        && line.Contains("\"item_id\"", StringComparison.Ordinal)
        && line.Contains("\"event_id\"", StringComparison.Ordinal)
            ? "It holds events already: `train` and `produce` read it as it is."
        : "It is JSON, which import does not read. Make a table of it, for example with `jq -r '[.user, .item, "
            + ".time] | @csv'`, "
            + "and pipe that to `streamrec import csv - --no-header --user 1 --item 2 --time 3`.";
}
