using System.Globalization;
using StreamRec.Import.Rows;

namespace StreamRec.Import;

/// <summary>
/// Shows on a terminal how far an import is, on stderr, once it has taken two seconds. What is told goes past it.
/// </summary>
internal sealed class ImportProgress(ImportSource source, TimeProvider clock)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(200);

    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _drawn;
    private int _width;

    /// <param name="rows">Read so far.</param>
    /// <param name="written">Events written so far.</param>
    public void Report(long rows, long written)
    {
        var elapsed = clock.GetElapsedTime(_started);
        if (Console.IsErrorRedirected || elapsed < s_quiet || elapsed - _drawn < s_redraw)
        {
            return;
        }
        _drawn = elapsed;
        var share = source.Share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:P0}, ") : "";
        var text =
            written > 0
                ? string.Create(CultureInfo.InvariantCulture, $"writing: {written:N0} events of {rows:N0} rows")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"reading: {share}{rows:N0} rows, " + $"{rows / elapsed.TotalSeconds:N0}/s"
                );
        Console.Error.Write('\r' + text.PadRight(_width));
        _width = text.Length;
    }

    public void Tell(string message)
    {
        Erase();
        Console.Error.WriteLine(message);
    }

    public void Erase()
    {
        if (_width > 0)
        {
            Console.Error.Write('\r' + new string(' ', _width) + '\r');
            _width = 0;
        }
    }
}
