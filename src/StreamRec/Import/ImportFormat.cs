namespace StreamRec.Import;

/// <summary>A kind of file that can be imported.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Variants">The forms in which it is found, the first that fits the file's first line being taken.</param>
internal sealed record ImportFormat(string Name, params ImportVariant[] Variants)
{
    public static readonly IReadOnlyList<ImportFormat> All =
    [
        new("ml-100k", Inter.Variant, MovieLens.Tabs),
        new("ml-1m", Inter.Variant, MovieLens.Colons, MovieLens.Pairs),
        new("yoochoose", Inter.Variant, Yoochoose.Clicks, Yoochoose.Buys, Yoochoose.Prefixes, Sequences.Variant),
        new("sequences", Sequences.Variant),
    ];

    /// <exception cref="StreamRecException">The file is empty, or of none of the variants.</exception>
    public IEnumerable<ImportRow> Read(string path)
    {
        var first = TextLines.Read(path).Select(line => line.Text).FirstOrDefault()
            ?? throw new StreamRecException($"'{path}' is empty.", ExitCode.BadInput);
        var variant = Variants.FirstOrDefault(variant => variant.Fits(first)) ?? throw new StreamRecException(
            $"'{path}' is not {Name}: its first line fits none of {string.Join("; ", Variants.Select(v => v.Description))}. "
            + "For any other table use csv or tsv, and name its columns.", ExitCode.BadInput);
        return variant.Read(path);
    }
}

/// <summary>One form of a format.</summary>
/// <param name="Description">For people, in messages.</param>
/// <param name="Fits">Whether a file with this first line is of it.</param>
internal sealed record ImportVariant(string Description, Func<string, bool> Fits, Func<string, IEnumerable<ImportRow>> Read);
