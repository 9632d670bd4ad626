namespace StreamRec.Settings;

/// <summary>What somebody who mistyped a name may have meant.</summary>
public static class Nearest
{
    private const int MostEdits = 3,
        LeastPrefix = 3;

    /// <summary>
    /// The nearest of the names that are; null where none is near. Case, hyphens, underscores and points do not count.
    /// </summary>
    public static string? Of(string mistyped, IEnumerable<string> names)
    {
        var given = Letters(mistyped);
        var allowed = Math.Min(MostEdits, Math.Max(1, given.Length / 3));
        return names
                .Select(name => (name, Edits: Distance(given, Letters(name))))
                .Where(found => found.Edits <= allowed)
                .OrderBy(found => found.Edits)
                .Select(found => found.name)
                .FirstOrDefault()
            ?? names.FirstOrDefault(name =>
                given.Length >= LeastPrefix && Letters(name).StartsWith(given, StringComparison.Ordinal)
            );
    }

    /// <summary>A question to end a message with, or nothing.</summary>
    public static string Hint(string mistyped, IEnumerable<string> names) =>
        Of(mistyped, names) is { } name ? $" Did you mean {name}?" : "";

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Letters to insert, delete, replace, or swap with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                edits[i, j] =
                    i == 0 || j == 0
                        ? i + j
                        : Math.Min(
                            Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1,
                            edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                        );
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }
        return edits[a.Length, b.Length];
    }
}
