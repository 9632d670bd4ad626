using System.Text.RegularExpressions;
using StreamRec.Events;
using StreamRec.Import.Times;

namespace StreamRec.Import.Formats;

/// <summary>MovieLens ratings: as published, and as pairs of user and item in the order of time.</summary>
internal static partial class MovieLens
{
    private static readonly string[] s_header = ["userid", "itemid", "rating", "timestamp"];
    private static readonly TableOptions s_ratings = new()
    {
        User = "1",
        Item = "2",
        Time = "4",
        DefaultType = EventTypes.Rating,
        Digits = true,
        Times = new TimeOptions(TimeUnit.Seconds),
    };

    /// <summary>u.data of ml-100k: user, item, rating, seconds; tabs between.</summary>
    public static readonly ImportVariant Tabs = ImportVariant.Table(
        "u.data (user, item, rating, seconds; tabs between)",
        TabbedLine().IsMatch,
        s_header,
        s_ratings with
        {
            Separator = "\t",
        }
    );

    /// <summary>ratings.dat of ml-1m: the same with :: between.</summary>
    public static readonly ImportVariant Colons = ImportVariant.Table(
        "ratings.dat (user::item::rating::seconds)",
        ColonLine().IsMatch,
        ["userid", "movieid", "rating", "timestamp"],
        s_ratings with
        {
            Separator = "::",
        }
    );

    /// <summary>User and item, a space between; times are made up.</summary>
    public static readonly ImportVariant Pairs = ImportVariant.Table(
        "pairs (user, item; a space between)",
        PairLine().IsMatch,
        [],
        new TableOptions
        {
            User = "1",
            Item = "2",
            Separator = " ",
            DefaultType = EventTypes.Rating,
            Digits = true,
        }
    );

    [GeneratedRegex(@"^\d+\t\d+\t[\d.]+\t\d+\s*$")]
    private static partial Regex TabbedLine();

    [GeneratedRegex(@"^\d+::\d+::[\d.]+::\d+\s*$")]
    private static partial Regex ColonLine();

    [GeneratedRegex(@"^\d+ \d+$")]
    private static partial Regex PairLine();
}
