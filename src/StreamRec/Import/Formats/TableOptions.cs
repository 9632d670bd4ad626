using System.Collections.Frozen;
using StreamRec.Import.Times;

namespace StreamRec.Import.Formats;

/// <summary>
/// How a table's rows are told apart, and which columns hold what: by name, or by number from 1 (#1 where there is a
/// header).
/// </summary>
internal sealed record TableOptions
{
    /// <summary>
    /// What stands for no value, in any case of letters, if the user names nothing else. An empty field always does.
    /// </summary>
    public static readonly FrozenSet<string> UsualNulls = Markers([
        "NA",
        "N/A",
        "#N/A",
        "<NA>",
        "NaN",
        "NaT",
        "null",
        "(null)",
        "<null>",
        "none",
        "nil",
        "undefined",
        "\\N",
        "-",
    ]);

    public required string User { get; init; }

    public required string Item { get; init; }

    /// <summary>Column of the time; null: made up in order.</summary>
    public string? Time { get; init; }

    /// <summary>Column of the event type; null: <see cref="DefaultType"/>.</summary>
    public string? Type { get; init; }

    /// <summary>Column of the event id; null: made of the event.</summary>
    public string? Event { get; init; }

    /// <summary>Column of the session; null: none.</summary>
    public string? Session { get; init; }

    /// <summary>Columns of what kinds of users the user is of.</summary>
    public IReadOnlyList<SegmentColumn> Segments { get; init; } = [];

    public TimeOptions Times { get; init; } = new();

    /// <summary>Whether the first row names the columns.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Passes over the first row, whose columns are known.</summary>
    public bool SkipHeader { get; init; }

    /// <summary>One or more ASCII characters between fields.</summary>
    public string Separator { get; init; } = ",";

    /// <summary>Whether quotes enclose fields, as RFC 4180 has it.</summary>
    public bool Quoted { get; init; }

    /// <summary>Whether spaces around users, items, types, ids and sessions are cut.</summary>
    public bool Trim { get; init; }

    /// <summary>Whether users and items must be digits alone: data sets of which this is known.</summary>
    public bool Digits { get; init; }

    public FrozenSet<string> Nulls { get; init; } = UsualNulls;

    /// <summary>The type of events whose row has none.</summary>
    public string DefaultType { get; init; } = Events.EventTypes.Click;

    public static FrozenSet<string> Markers(IEnumerable<string> markers) =>
        markers.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
