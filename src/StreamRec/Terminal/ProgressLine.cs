namespace StreamRec.Terminal;

/// <summary>
/// A line on stderr that tells how far something is, written over itself: on a terminal alone, and once it has taken
/// two seconds. What is told goes past it.
/// </summary>
internal sealed class ProgressLine(TimeProvider clock)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(200);

    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _drawn;
    private int _width;

    /// <param name="text">Asked only where it is shown; given the time since the start.</param>
    public void Report(Func<TimeSpan, string> text)
    {
        var elapsed = clock.GetElapsedTime(_started);
        if (Console.IsErrorRedirected || elapsed < s_quiet || elapsed - _drawn < s_redraw)
        {
            return;
        }
        _drawn = elapsed;
        var shown = text(elapsed);
        Console.Error.Write('\r' + shown.PadRight(_width));
        _width = shown.Length;
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
