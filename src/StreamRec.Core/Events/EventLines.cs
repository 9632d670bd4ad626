using System.Buffers;
using StreamRec.Files;

namespace StreamRec.Events;

/// <summary>One line of a file of events: the event, or why the line holds none.</summary>
/// <param name="Number">The line's number, from 1.</param>
public readonly record struct EventLine(long Number, ClickEvent? Event, EventError Error);

/// <summary>
/// Reads files of events, one JSON object a line. Streams: memory does not depend on the file's or a line's length.
/// </summary>
public static class EventLines
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>Reads all lines that are not blank. A byte order mark at the file's start is passed over.</summary>
    /// <exception cref="StreamRecException">The file is not there, or cannot be opened.</exception>
    public static IEnumerable<EventLine> Read(string path) => Read(InputFile.Open(path).Stream);

    /// <summary>As <see cref="Read(string)"/>; disposes the stream at its end.</summary>
    public static IEnumerable<EventLine> Read(Stream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * EventLimits.MaxRecordBytes);
        try
        {
            using (stream)
            {
                long number = 0;
                int start = 0,
                    end = 0;
                var ended = false;
                while (!ended || start < end)
                {
                    var length = buffer.AsSpan(start, end - start).IndexOf(LineEnd);
                    if (length < 0 && !ended && end - start <= EventLimits.MaxRecordBytes)
                    {
                        buffer.AsSpan(start, end - start).CopyTo(buffer);
                        (start, end) = (0, end - start);
                        var read = stream.Read(buffer, end, buffer.Length - end);
                        ended = read == 0;
                        end += read;
                        continue;
                    }
                    number++;
                    if (length < 0 && !ended)
                    {
                        yield return new EventLine(number, null, EventJsonReader.TooLarge);
                        (start, end, ended) = SkipLine(stream, buffer);
                        continue;
                    }
                    var line = length < 0 ? end - start : length;
                    if (Parse(Trimmed(buffer.AsSpan(start, line), number), number) is { } parsed)
                    {
                        yield return parsed;
                    }
                    start = Math.Min(end, start + line + 1);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> line, long number) =>
        (number == 1 && line.StartsWith("\uFEFF"u8) ? line[3..] : line).Trim(" \t\r"u8);

    private static EventLine? Parse(ReadOnlySpan<byte> line, long number) =>
        line.IsEmpty ? null
        : EventJson.TryParse(line, out var click, out var error) ? new EventLine(number, click, default)
        : new EventLine(number, null, error);

    /// <summary>Reads on to the line's end. What follows it stands in the buffer from start to end.</summary>
    private static (int Start, int End, bool Ended) SkipLine(Stream stream, byte[] buffer)
    {
        while (stream.Read(buffer) is var read and > 0)
        {
            var at = buffer.AsSpan(0, read).IndexOf(LineEnd);
            if (at >= 0)
            {
                return (at + 1, read, false);
            }
        }
        return (0, 0, true);
    }
}
