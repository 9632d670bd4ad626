using StreamRec.Events;

namespace StreamRec.Commands;

/// <summary>A file of events: one JSON object a line.</summary>
internal sealed class EventFile(string path) : IEventSource
{
    private readonly BadInput _bad = new(path, "lines");
    private FileStream? _stream;

    public long Bad => _bad.Count;

    /// <summary>How much of the file has been read, 0–1.</summary>
    public double Share => _stream is { CanRead: true, Length: > 0 } stream ? (double)stream.Position / stream.Length : 1;

    public IEnumerable<ClickEvent> Events()
    {
        _stream = EventLines.Open(path);
        foreach (var line in EventLines.Read(_stream))
        {
            if (line.Event is { } click)
            {
                yield return click;
            }
            else
            {
                _bad.Tell($"{path}:{line.Number}: {line.Error}");
            }
        }
        _bad.TellAll();
    }
}
