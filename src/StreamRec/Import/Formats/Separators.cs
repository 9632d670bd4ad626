namespace StreamRec.Import.Formats;

/// <summary>What stands between fields.</summary>
internal static class Separators
{
    /// <summary>Those that tables have, the commonest first.</summary>
    public static readonly IReadOnlyList<string> Common = [",", ";", "\t", "|"];

    private const int MostChars = 8;

    private static readonly Dictionary<string, string> s_names = new()
    {
        ["comma"] = ",",
        ["semicolon"] = ";",
        ["tab"] = "\t",
        ["pipe"] = "|",
        ["space"] = " ",
        ["\\t"] = "\t",
    };

    /// <exception cref="StreamRecException">It is none.</exception>
    public static string Parse(string text) =>
        s_names.TryGetValue(text, out var known) ? known
        : text.Length is >= 1 and <= MostChars
        && text.All(c => char.IsAscii(c) && c is not ('"' or '\r' or '\n' or '\0'))
            ? text
        : throw new StreamRecException(
            $"--separator is '{text}': give comma, semicolon, tab, pipe, space, or 1 to {MostChars} ASCII "
                + "characters, none of them a quote.",
            FaultKind.Usage
        );

    public static string NameOf(string separator) =>
        s_names.FirstOrDefault(pair => pair.Value == separator).Key ?? $"'{separator}'";

    /// <summary>
    /// What the first line has between its fields: a comma if there is one, else what there is most of; null if nothing
    /// known.
    /// </summary>
    public static string? Guess(string firstLine) =>
        Common
            .Take(1)
            .Concat(Common.Skip(1).OrderByDescending(known => firstLine.Count(c => c == known[0])))
            .FirstOrDefault(known => firstLine.Contains(known, StringComparison.Ordinal));
}
