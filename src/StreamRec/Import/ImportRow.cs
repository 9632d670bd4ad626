using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>One row of a foreign file: an event, or why it holds none.</summary>
/// <param name="Line">The line that it begins on, from 1.</param>
/// <param name="Event">The event; its id is empty where the format has none. Default where there is a problem.</param>
/// <param name="Problem">What is wrong with the row; null if nothing is.</param>
internal readonly record struct ImportRow(long Line, ClickEvent Event, string? Problem = null)
{
    public static ImportRow Bad(long line, string problem) => new(line, default, problem);
}
