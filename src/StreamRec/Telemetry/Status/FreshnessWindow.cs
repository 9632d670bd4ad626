namespace StreamRec.Telemetry.Status;

/// <summary>The freshness of what was written since it was last taken. From any thread.</summary>
internal sealed class FreshnessWindow
{
    private readonly Lock _lock = new();
    private Freshness? _seen;

    public void Note(double newest, double oldest)
    {
        lock (_lock)
        {
            _seen = new(newest, Math.Max(_seen?.Worst ?? 0, Math.Max(newest, oldest)));
        }
    }

    public Freshness? Take()
    {
        lock (_lock)
        {
            var taken = _seen;
            _seen = null;
            return taken;
        }
    }
}
