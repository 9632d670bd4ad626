using StreamRec.Events;
using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>A kind of file that can be imported.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Variants">The forms in which it is found, the first that fits the file's first line being
/// taken.</param>
internal sealed record ImportFormat(string Name, params ImportVariant[] Variants)
{
    public static readonly IReadOnlyList<ImportFormat> All =
    [
        new("ml-100k", Inter.Variant, MovieLens.Tabs),
        new("ml-1m", Inter.Variant, MovieLens.Colons, MovieLens.Pairs),
        new("yoochoose", Inter.Variant, Yoochoose.Clicks, Yoochoose.Buys, Yoochoose.Prefixes, SequenceLines.Variant),
        new("inter", Inter.Variant),
        new("sequences", SequenceLines.Variant),
    ];

    /// <param name="startMs">Where times that are made up begin, in ms since 1970; null: 2000.</param>
    /// <exception cref="StreamRecException">The file is of none of the variants.</exception>
    public ImportRows Read(ImportSource source, long? startMs)
    {
        var variant =
            Variants.FirstOrDefault(variant => variant.Fits(source.FirstLine))
            ?? throw source.Fault(
                $"is not {Name}: its first line, '{Excerpt.Of(source.FirstLine)}', fits none of "
                    + $"{string.Join("; ", Variants.Select(v => v.Description))}. {FileGuess.Of(source)}"
            );
        var rows = variant.Read(source, startMs);
        rows = Name == "ml-100k" ? MovieLensUsers.Into(rows, source) : rows;
        return startMs is null || rows.TimesMadeUp
            ? rows
            : throw new StreamRecException(
                $"--start is for files without times, and '{source.Name}' has them.",
                FaultKind.Usage
            );
    }
}

/// <summary>One form of a format.</summary>
/// <param name="Description">For people, in messages.</param>
/// <param name="Fits">Whether a file with this first line is of it.</param>
internal sealed record ImportVariant(
    string Description,
    Func<string, bool> Fits,
    Func<ImportSource, long?, ImportRows> Read
)
{
    /// <summary>A table of known columns, with a header or without.</summary>
    /// <param name="header">The header's names, in any case of letters and with or without spaces and
    /// underscores.</param>
    public static ImportVariant Table(
        string description,
        Func<string, bool> fits,
        string[] header,
        TableOptions options
    )
    {
        bool IsHeader(string line) => line.Split(options.Separator).Select(Plain).SequenceEqual(header);
        return new(
            description,
            line => fits(line) || IsHeader(line),
            (source, startMs) =>
                Formats.Table.Read(
                    source,
                    options with
                    {
                        Header = false,
                        SkipHeader = IsHeader(source.FirstLine),
                        Times = options.Times with { StartMs = options.Time is null ? startMs : null },
                    }
                )
        );
    }

    private static string Plain(string name) => new([.. name.Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]);
}
