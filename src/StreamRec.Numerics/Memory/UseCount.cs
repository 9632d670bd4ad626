namespace StreamRec.Numerics.Memory;

/// <summary>
/// Counts the users of something that ends once, as soon as nobody uses it. Its owner is the first user, from the
/// start. A field that is never copied; from any thread.
/// </summary>
public struct UseCount
{
    // Users beside one; below 0 it has ended.
    private int _others;

    /// <summary>Whether nobody uses it, and nobody will.</summary>
    public bool HasEnded => Volatile.Read(ref _others) < 0;

    /// <summary>Becomes a user, unless it has ended.</summary>
    public bool TryEnter()
    {
        var seen = Volatile.Read(ref _others);
        while (seen >= 0)
        {
            var found = Interlocked.CompareExchange(ref _others, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }
            seen = found;
        }
        return false;
    }

    /// <summary>Ends a use, once for each.</summary>
    /// <returns>Whether it was the last: whoever is told so disposes.</returns>
    public bool Leave() =>
        Interlocked.Decrement(ref _others) switch
        {
            -1 => true,
            < -1 => throw new InvalidOperationException("What has ended was given back once more."),
            _ => false,
        };
}
