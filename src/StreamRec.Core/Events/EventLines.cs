namespace StreamRec.Events;

/// <summary>One line of a file of events: the event, or why the line holds none.</summary>
/// <param name="Number">The line's number, from 1.</param>
public readonly record struct EventLine(long Number, ClickEvent? Event, EventError Error);

/// <summary>Reads files of events, one JSON object a line. Streams: memory does not depend on the file's length.</summary>
public static class EventLines
{
    /// <summary>Reads all lines that are not blank.</summary>
    /// <exception cref="StreamRecException">The file is not there, or cannot be opened.</exception>
    public static IEnumerable<EventLine> Read(string path)
    {
        StreamReader reader;
        try
        {
            reader = new StreamReader(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"Events '{path}' cannot be read: {fault.Message}", ExitCode.BadInput);
        }
        return Lines(reader);
    }

    private static IEnumerable<EventLine> Lines(StreamReader reader)
    {
        using (reader)
        {
            long number = 0;
            while (reader.ReadLine() is { } line)
            {
                number++;
                if (!string.IsNullOrWhiteSpace(line))
                {
                    yield return EventJson.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out var click, out var error)
                        ? new EventLine(number, click, default)
                        : new EventLine(number, null, error);
                }
            }
        }
    }
}
