using StreamRec.Events;

namespace StreamRec.Import.Rows;

/// <summary>One row of a foreign file: an event, or why it holds none.</summary>
/// <param name="Line">The line that it begins on, from 1.</param>
/// <param name="Event">The event; its id is empty where the format has none. Default where there is a problem.</param>
/// <param name="Lacks">In what way the row is bad; by these bad rows are counted.</param>
/// <param name="Problem">What is wrong with the row; null if nothing is.</param>
internal readonly record struct ImportRow(
    long Line,
    ClickEvent Event,
    BadRow Lacks = BadRow.None,
    string? Problem = null
)
{
    public static ImportRow Bad(long line, BadRow lacks, string problem) => new(line, default, lacks, problem);
}

/// <summary>In what way a row is bad.</summary>
internal enum BadRow
{
    None,

    /// <summary>Too few fields, too many, or a line beyond all bounds.</summary>
    Fields,

    /// <summary>No user, or none that can be one.</summary>
    User,

    /// <summary>No item, or none that can be one.</summary>
    Item,

    /// <summary>No time, or none that can be told.</summary>
    Time,

    /// <summary>Another rule of the event contract.</summary>
    Rule,
}

/// <summary>The rows of a file, and what they lack that is made up. The rows come once.</summary>
/// <param name="TimesMadeUp">The file has no times: the rows' are counted up.</param>
/// <param name="UsersMadeUp">Nor users: the rows' are numbers, to be told from those of other files.</param>
internal sealed record ImportRows(IEnumerable<ImportRow> Rows, bool TimesMadeUp = false, bool UsersMadeUp = false)
{
    /// <summary>What is to be told of the file once all rows are read.</summary>
    public Func<IEnumerable<string>> Notes { get; init; } = () => [];
}
