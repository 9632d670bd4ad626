namespace StreamRec.Telemetry;

/// <summary>
/// Paces what is told of states that last: at first, then each minute, and once when one is over. One thread at a time.
/// </summary>
internal sealed class Reminders<T>(TimeProvider time)
    where T : notnull
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<T, State> _states = [];

    /// <summary>Whether to tell of a state that lasts. To be asked at each look.</summary>
    /// <param name="explained">Whether more can be said than that it is so: then it is told again, once, if it could
    /// not before.</param>
    public bool IsDue(T state, bool explained = true)
    {
        var now = time.GetTimestamp();
        if (!_states.TryGetValue(state, out var known))
        {
            _states[state] = known = new State();
        }
        if (!known.Lasts)
        {
            (known.Lasts, known.Since, known.WasTold) = (true, now, false);
        }
        if (known.Told is { } told && time.GetElapsedTime(told) < s_interval && (known.Explained || !explained))
        {
            return false;
        }
        (known.Told, known.Explained, known.WasTold) = (now, explained, true);
        return true;
    }

    /// <summary>
    /// The states that were told of and are over: none of <paramref name="lasting"/>. With how long each lasted.
    /// </summary>
    public IReadOnlyList<(T State, TimeSpan Lasted)> Over(IReadOnlySet<T> lasting)
    {
        List<(T, TimeSpan)>? over = null;
        foreach (var (state, known) in _states)
        {
            if (known.Lasts && !lasting.Contains(state))
            {
                known.Lasts = false;
                if (known.WasTold)
                {
                    (over ??= []).Add((state, time.GetElapsedTime(known.Since)));
                }
            }
        }
        return over ?? [];
    }

    private sealed class State
    {
        public bool Lasts { get; set; }
        public long Since { get; set; }
        public long? Told { get; set; }
        public bool Explained { get; set; }
        public bool WasTold { get; set; }
    }
}
