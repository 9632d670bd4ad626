using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>What an import did.</summary>
internal sealed record ImportResult(long Events, long Bad, int Users, int Items, long FirstMs, long LastMs);

/// <summary>Rows of a foreign file → event JSON lines in the order of time, each with an id that sorts so.</summary>
internal static class ImportRun
{
    private const int Told = 20;

    /// <param name="tell">Takes a message for each of the first bad rows, and their number in the end.</param>
    public static ImportResult Run(string path, IEnumerable<ImportRow> rows, Stream output, TimeOrder order, Action<string> tell, CancellationToken cancel)
    {
        long bad = 0;
        foreach (var row in rows)
        {
            cancel.ThrowIfCancellationRequested();
            if (Problem(row) is not { } problem)
            {
                order.Add(row.Event);
            }
            else if (++bad <= Told)
            {
                tell($"{path}:{row.Line}: {problem}");
            }
        }
        if (bad > 0)
        {
            tell($"{path}: {bad} bad rows were left out{(bad > Told ? $"; the first {Told} are told above" : "")}.");
        }
        return Write(order.Events(), output, bad, cancel);
    }

    private static ImportResult Write(IEnumerable<ClickEvent> events, Stream output, long bad, CancellationToken cancel)
    {
        var users = new HashSet<string>(StringComparer.Ordinal);
        var items = new HashSet<string>(StringComparer.Ordinal);
        long count = 0, first = 0, last = 0;
        foreach (var click in events)
        {
            cancel.ThrowIfCancellationRequested();
            count++;
            first = count == 1 ? click.TimeMs : first;
            last = click.TimeMs;
            users.Add(click.UserId);
            items.Add(click.ItemId);
            output.Write(EventJson.ToUtf8(click.EventId.Length > 0 ? click : click with { EventId = MadeUp.EventId(count) }));
            output.WriteByte((byte)'\n');
        }
        return new ImportResult(count, bad, users.Count, items.Count, first, last);
    }

    /// <summary>The row's own problem, or the rule of the event contract that it breaks.</summary>
    private static string? Problem(in ImportRow row) => row.Problem
        ?? EventRules.Check(row.Event.EventId.Length > 0 ? row.Event : row.Event with { EventId = "0" })?.Sentence;
}
