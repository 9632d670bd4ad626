using System.Text.RegularExpressions;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>MovieLens ratings: as published, and as pairs of user and item in the order of time.</summary>
internal static partial class MovieLens
{
    /// <summary>u.data of ml-100k: user, item, rating, seconds; tabs between.</summary>
    public static readonly ImportVariant Tabs = new(
        "u.data (user, item, rating, seconds; tabs between)", TabbedLine().IsMatch, path => Ratings(path, "\t"));

    /// <summary>ratings.dat of ml-1m: the same with :: between.</summary>
    public static readonly ImportVariant Colons = new(
        "ratings.dat (user::item::rating::seconds)", ColonLine().IsMatch, path => Ratings(path, "::"));

    /// <summary>User and item, a space between; times are made up.</summary>
    public static readonly ImportVariant Pairs = new("pairs (user, item; a space between)", PairLine().IsMatch, ReadPairs);

    private static IEnumerable<ImportRow> Ratings(string path, string separator)
    {
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = line.Split(separator);
            yield return fields.Length != 4 ? ImportRow.Bad(number, $"{fields.Length} fields, not 4")
                : !TimeText.TryParse(fields[3], TimeUnit.Seconds, out var ms) ? ImportRow.Bad(number, $"the time '{fields[3]}' is no number of seconds")
                : new ImportRow(number, new ClickEvent("", fields[0], fields[1], EventTypes.Rating, ms));
        }
    }

    private static IEnumerable<ImportRow> ReadPairs(string path)
    {
        long count = 0;
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            yield return fields.Length != 2
                ? ImportRow.Bad(number, $"{fields.Length} fields, not 2")
                : new ImportRow(number, new ClickEvent("", fields[0], fields[1], EventTypes.Rating, MadeUp.Time(count++)));
        }
    }

    [GeneratedRegex(@"^\d+\t\d+\t[\d.]+\t\d+\s*$")]
    private static partial Regex TabbedLine();

    [GeneratedRegex(@"^\d+::\d+::[\d.]+::\d+\s*$")]
    private static partial Regex ColonLine();

    [GeneratedRegex(@"^\S+ \S+\s*$")]
    private static partial Regex PairLine();
}
