using System.Text.RegularExpressions;
using StreamRec.Events;

namespace StreamRec.Import.Formats;

/// <summary>
/// The RecSys Challenge 2015 files as published. The session is the user; categories and prices are left out.
/// </summary>
internal static partial class Yoochoose
{
    private static readonly TableOptions s_columns = new()
    {
        User = "1",
        Time = "2",
        Item = "3",
        Session = "1",
        Digits = true,
    };

    /// <summary>yoochoose-clicks.dat: session, time, item, category.</summary>
    public static readonly ImportVariant Clicks = ImportVariant.Table(
        "yoochoose-clicks.dat (session,time,item,category)",
        ClickLine().IsMatch,
        ["sessionid", "timestamp", "itemid", "category"],
        s_columns
    );

    /// <summary>yoochoose-buys.dat: session, time, item, price, quantity.</summary>
    public static readonly ImportVariant Buys = ImportVariant.Table(
        "yoochoose-buys.dat (session,time,item,price,quantity)",
        BuyLine().IsMatch,
        ["sessionid", "timestamp", "itemid", "price", "quantity"],
        s_columns with
        {
            DefaultType = EventTypes.Purchase,
        }
    );

    /// <summary>Prefixes with the item that came next hold no events of their own.</summary>
    public static readonly ImportVariant Prefixes = new(
        "sessions (item ids, spaces between)",
        PrefixLine().IsMatch,
        (source, _) =>
            throw source.Fault(
                "holds test cases (a prefix, a tab, the next item), not events: give it to `streamrec evaluate "
                    + "--prefixes`."
            )
    );

    [GeneratedRegex(@"^\d+,\d{4}-[^,]+,\d+,[^,]*$")]
    private static partial Regex ClickLine();

    [GeneratedRegex(@"^\d+,\d{4}-[^,]+,\d+,[^,]*,[^,]*$")]
    private static partial Regex BuyLine();

    [GeneratedRegex(@"^\d+( \d+)*\t\d+\s*$")]
    private static partial Regex PrefixLine();
}
