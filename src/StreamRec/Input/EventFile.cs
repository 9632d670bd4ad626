using StreamRec.Events;
using StreamRec.Files;

namespace StreamRec.Input;

/// <summary>A file of events: one JSON object a line; also gzip, a pipe, or `-` for standard input.</summary>
internal sealed class EventFile(string path, CancellationToken cancel = default) : IEventSource
{
    /// <summary>A file that is no JSON and holds so many lines without an event is not read to its end.</summary>
    private const int Hopeless = 1_000;

    private readonly BadInput _bad = new(path, "lines");
    private InputFile? _file;

    public long Bad => _bad.Count;

    /// <summary>How much of the file has been read, 0–1; 0 where nobody knows how much there is.</summary>
    public double Share => _file?.Share ?? 0;

    public IEnumerable<ClickEvent> Events()
    {
        using var file = _file = InputFile.Open(path, cancel);
        long good = 0;
        foreach (var line in EventLines.Read(file.Stream))
        {
            if (line.Event is { } click)
            {
                good++;
                yield return click;
                continue;
            }
            _bad.Tell($"{path}:{line.Number}: {line.Error}");
            if (good == 0 && _bad.Count == Hopeless && !IsJson(file))
            {
                throw NoEvent(file);
            }
        }
        _bad.TellAll();
        if (good == 0)
        {
            throw NoEvent(file);
        }
    }

    private static bool IsJson(InputFile file) => Start(file) is [(byte)'{', ..];

    private static ReadOnlySpan<byte> Start(InputFile file) =>
        (file.Head.StartsWith("\uFEFF"u8) ? file.Head[3..] : file.Head).TrimStart(" \t\r\n"u8);

    private StreamRecException NoEvent(InputFile file)
    {
        var start = Start(file);
        var line = start[..(start.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0 ? end : start.Length)];
        return new(
            start.IsEmpty ? $"'{path}' is empty: it holds no event."
                : IsJson(file) ? $"'{path}' holds no event: none of its lines is one as schemas/event.md describes it."
                : $"'{path}' holds no event: it begins with '{Excerpt.Of(line)}', and a file of events has one JSON "
                    + "object a line. "
                    + "`streamrec import` makes one of a table or data set.",
            FaultKind.Input
        );
    }
}
