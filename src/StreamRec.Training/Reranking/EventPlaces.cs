namespace StreamRec.Training.Reranking;

/// <summary>Sequences one after the other, and where each item stands in them.</summary>
internal sealed class EventPlaces
{
    private readonly int[] _starts;
    private readonly int[] _places;

    public EventPlaces(IReadOnlyList<ReadOnlyMemory<int>> sequences, int items)
    {
        var events = sequences.Sum(sequence => sequence.Length);
        (Items, Sequences, IsFirst) = (new int[events], new int[events], new bool[events]);
        (Bounds, Counts) = (new int[sequences.Count + 1], new int[items + 1]);
        var seenIn = new int[items + 1];
        var filled = 0;
        for (var at = 0; at < sequences.Count; at++)
        {
            sequences[at].Span.CopyTo(Items.AsSpan(filled));
            Sequences.AsSpan(filled, sequences[at].Length).Fill(at);
            Bounds[at + 1] = filled += sequences[at].Length;
            for (var place = Bounds[at]; place < filled; place++)
            {
                IsFirst[place] = seenIn[Items[place]] != at + 1;
                seenIn[Items[place]] = at + 1;
            }
        }
        foreach (var item in Items)
        {
            Counts[item]++;
        }
        _starts = new int[items + 2];
        for (var item = 0; item <= items; item++)
        {
            _starts[item + 1] = _starts[item] + Counts[item];
        }
        _places = new int[events];
        var next = _starts[..^1];
        for (var place = 0; place < events; place++)
        {
            _places[next[Items[place]]++] = place;
        }
    }

    /// <summary>Of each event, its item.</summary>
    public int[] Items { get; }

    /// <summary>Of each event, its sequence.</summary>
    public int[] Sequences { get; }

    /// <summary>Of each event, whether its item stands in its sequence for the first time.</summary>
    public bool[] IsFirst { get; }

    /// <summary>Sequence s has the events from Bounds[s] to Bounds[s + 1].</summary>
    public int[] Bounds { get; }

    /// <summary>N+1: how often each item stands there.</summary>
    public int[] Counts { get; }

    /// <summary>The events of an item, in order.</summary>
    public ReadOnlySpan<int> Of(int item) => _places.AsSpan(_starts[item].._starts[item + 1]);
}
