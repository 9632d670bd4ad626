using StreamRec.Events;

namespace StreamRec.Commands;

/// <summary>A file of events as the commands read it: bad lines are told by number on stderr, and counted.</summary>
internal sealed class EventFile(string path)
{
    private const int MostTold = 20;

    /// <summary>Lines that held no event, so far.</summary>
    public long Bad { get; private set; }

    public IEnumerable<ClickEvent> Events()
    {
        foreach (var line in EventLines.Read(path))
        {
            if (line.Event is { } click)
            {
                yield return click;
                continue;
            }
            if (++Bad <= MostTold)
            {
                Console.Error.WriteLine($"{path}:{line.Number}: {line.Error}");
            }
        }
        if (Bad > 0)
        {
            Console.Error.WriteLine($"{path}: {Bad} bad lines were left out.");
        }
    }
}
