using StreamRec.Events;

namespace StreamRec.Commands;

/// <summary>A file of events: one JSON object a line.</summary>
internal sealed class EventFile(string path) : IEventSource
{
    private readonly BadInput _bad = new(path, "lines");
    private long _length = 1;
    private long _read;

    public long Bad => _bad.Count;

    /// <summary>How much of the file has been read, 0–1.</summary>
    public double Share => (double)_read / _length;

    public IEnumerable<ClickEvent> Events()
    {
        var stream = EventLines.Open(path);
        _length = stream.CanSeek ? Math.Max(1, stream.Length) : long.MaxValue;
        foreach (var line in EventLines.Read(stream))
        {
            _read = line.End;
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
