using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>What `import csv` and `import tsv` make of a file's first line before its rows are read.</summary>
internal static class TableFile
{
    public const string Csv = "csv",
        Tsv = "tsv";

    /// <summary>The line that spreadsheets put first so that another of their kind knows the separator: sep=;</summary>
    private const string Declaration = "sep=";

    /// <param name="format"><see cref="Csv"/>: with quotes, and a separator; <see cref="Tsv"/>: tabs, and no quotes at
    /// all.</param>
    /// <param name="separator">As the user gave it; null: by the first line.</param>
    /// <param name="tell">Takes what is to be told of the file.</param>
    public static ImportRows Read(
        ImportSource source,
        string format,
        string? separator,
        TableOptions options,
        Action<string> tell
    )
    {
        if (FileGuess.Json(source.FirstLine) is { } json)
        {
            throw source.Fault($"is no table. {json}");
        }
        if (
            source.FirstLine.StartsWith(Declaration, StringComparison.OrdinalIgnoreCase)
            && source.FirstLine.Length == Declaration.Length + 1
        )
        {
            separator ??= source.FirstLine[Declaration.Length..];
            source.PassFirstLine();
        }
        var guess = Separators.Guess(source.FirstLine);
        if (format == Tsv)
        {
            return guess is null or "\t" || source.FirstLine.Contains('\t', StringComparison.Ordinal)
                ? Table.Read(source, options with { Separator = "\t" })
                : throw source.Fault(
                    $"has no tab in its first line, but {Separators.NameOf(guess)}: `streamrec "
                        + "import csv` reads it."
                );
        }
        if (separator is null && guess is not (null or ","))
        {
            tell($"{source.Name}: the first line has no comma; {Separators.NameOf(guess)} is taken for the separator.");
        }
        return Table.Read(
            source,
            options with
            {
                Separator = separator is null ? guess ?? "," : Separators.Parse(separator),
                Quoted = true,
            }
        );
    }
}
