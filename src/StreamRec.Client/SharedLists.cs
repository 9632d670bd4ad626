namespace StreamRec.Client;

/// <summary>What stands under the keys of lists that are no user's own.</summary>
internal readonly struct SharedLists
{
    private readonly int _best;
    private readonly IReadOnlyList<Held> _held;

    /// <param name="keys">Of the segments, the one that says most first; that of the popular list last.</param>
    /// <param name="held">As many.</param>
    public SharedLists(IReadOnlyList<string> keys, IReadOnlyList<Held> held)
    {
        (Keys, _held, _best) = (keys, held, keys.Count - 1);
        var popular = held[^1].List;
        for (var at = 0; at < _best; at++)
        {
            // A segment that the model of today lacks keeps the list of an earlier one, which nobody writes any more.
            if (held[at].List is { } list && (popular is null || popular.Model == list.Model))
            {
                _best = at;
            }
        }
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>The first that is there; of none, why the popular one is not.</summary>
    public Held Best => _held[_best];

    public string BestKey => Keys[_best];
}
