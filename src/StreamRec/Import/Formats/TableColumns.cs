using System.Globalization;
using StreamRec.Events;
using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>Which fields of a row hold what, from 0.</summary>
internal sealed record TableColumns(
    int User,
    int Item,
    int? Time,
    int? Type,
    int? Event,
    int? Session,
    IReadOnlyList<int> Segments
)
{
    private const int MostListed = 50;

    /// <param name="first">The first row: names, or fields of data.</param>
    /// <exception cref="StreamRecException">A column is not there, or its name stands twice.</exception>
    public static TableColumns Find(ImportSource source, string[] first, TableOptions options)
    {
        int? Optional(string option, string? name) => name is null ? null : Index(source, first, options, option, name);
        return new(
            Index(source, first, options, "--user", options.User),
            Index(source, first, options, "--item", options.Item),
            Optional("--time", options.Time),
            Optional("--type", options.Type),
            Optional("--event", options.Event),
            Optional("--session", options.Session),
            [.. options.Segments.Select(one => Index(source, first, options, "--segment", one.Name))]
        );
    }

    private static int Index(ImportSource source, string[] first, TableOptions options, string option, string name)
    {
        if (options.Header && Named(first, name) is { Length: > 0 } places)
        {
            return places.Length == 1
                ? places[0]
                : throw new StreamRecException(
                    $"{option} is '{name}', and '{source.Name}' has {places.Length} columns of that name: give its "
                        + "number instead, "
                        + $"{string.Join(" or ", places.Select(place => $"'#{place + 1}'"))}.",
                    FaultKind.Usage
                );
        }
        var digits = options.Header && name.StartsWith('#') ? name[1..] : name;
        if (
            (!options.Header || digits != name)
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && number <= first.Length
        )
        {
            return number - 1;
        }
        var listed = first
            .Take(MostListed)
            .Select((field, i) => options.Header ? Excerpt.Of(field) : $"{i + 1} " + $"({Excerpt.Of(field)})");
        throw new StreamRecException(
            $"{option} is '{name}', which '{source.Name}' does not have. Its first line has: "
                + $"{string.Join(", ", listed)}"
                + $"{(first.Length > MostListed ? $" and {first.Length - MostListed} more" : "")}."
                + Hint(source, first, options, name),
            FaultKind.Usage
        );
    }

    private static int[] Named(string[] first, string name) =>
        [.. Enumerable.Range(0, first.Length).Where(at => first[at].Trim() == name.Trim())];

    private static string Hint(ImportSource source, string[] first, TableOptions options, string name)
    {
        if (first.Any(field => field.Length > 2 && field.StartsWith('"') && field.EndsWith('"')) && !options.Quoted)
        {
            return " Its fields stand in quotes: give csv and --separator tab.";
        }
        var other = Separators.Common.FirstOrDefault(known =>
            known != options.Separator
            && source.FirstLine.Split(known).Select(field => field.Trim(' ', '"')).Contains(name)
        );
        return other is not null
                ? $" Is the separator {Separators.NameOf(other)}? Give --separator " + $"{Separators.NameOf(other)}."
            : options.Header
            && first.Any(field => long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                ? " If that is data already, give --no-header and columns by number."
            : "";
    }
}
