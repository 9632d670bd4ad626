using System.Globalization;
using System.Text.Json;

namespace StreamRec.Ranking;

/// <summary>Which of a user's kept events make an item a seen one, that lists leave out.</summary>
/// <param name="Excludes">No: lists may hold every item.</param>
/// <param name="Last">The last ones alone; 0: all.</param>
/// <param name="Types">Those of some types alone, in order, commas between; empty: of all.</param>
public readonly record struct SeenRule(bool Excludes, int Last = 0, string Types = "")
{
    /// <summary>What it can be, as the end of a message.</summary>
    public const string Advice =
        "give true or false, last:20 for the items of the last 20 kept events, "
        + "or types:purchase for those of events of some types, commas between";

    private const string OfLast = "last:",
        OfTypes = "types:";
    private const int MostLast = 10_000;

    public static implicit operator SeenRule(bool excludes) => new(excludes);

    /// <summary>Reads a rule as people write it; null: it is none.</summary>
    public static SeenRule? Parse(string text)
    {
        if (bool.TryParse(text, out var excludes))
        {
            return excludes;
        }
        if (text.StartsWith(OfLast, StringComparison.Ordinal))
        {
            var last = text.AsSpan(OfLast.Length);
            return
                int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is >= 1 and <= MostLast
                ? new SeenRule(true, count)
                : null;
        }
        if (!text.StartsWith(OfTypes, StringComparison.Ordinal))
        {
            return null;
        }
        var types = Events.TypeNames.Parse(text[OfTypes.Length..]);
        return types.Count > 0
            ? new SeenRule(true, Types: string.Join(',', types.Order(StringComparer.Ordinal)))
            : null;
    }

    /// <summary>As it is written; names of types may hold anything but a comma, and so stand in quotes.</summary>
    public override string ToString() =>
        Types is { Length: > 0 } ? $"\"{OfTypes}{JsonEncodedText.Encode(Types)}\""
        : Last > 0 ? string.Create(CultureInfo.InvariantCulture, $"{OfLast}{Last}")
        : Excludes ? "true"
        : "false";
}
