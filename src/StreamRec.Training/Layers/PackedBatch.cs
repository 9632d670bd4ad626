namespace StreamRec.Training.Layers;

/// <summary>
/// Sequences of different lengths without padding: sorted by length, longest first, then laid out step by step, so that
/// the rows of step t are contiguous, and step t+1's sequences are the first of step t's. P is the number of positions.
/// </summary>
internal sealed class PackedBatch
{
    private readonly int[] _stepStart;

    /// <param name="sequences">Inputs of each sequence, none empty.</param>
    /// <param name="targets">The item to predict at each position; null when only encoding.</param>
    public PackedBatch(IReadOnlyList<ReadOnlyMemory<int>> sequences, IReadOnlyList<ReadOnlyMemory<int>>? targets = null)
    {
        Order = Enumerable.Range(0, sequences.Count).OrderByDescending(s => sequences[s].Length).ToArray();
        int steps = sequences.Count == 0 ? 0 : sequences[Order[0]].Length;
        _stepStart = new int[steps + 1];
        for (int step = 0, live = Order.Length; step < steps; step++)
        {
            while (sequences[Order[live - 1]].Length <= step)
            {
                live--;
            }

            _stepStart[step + 1] = _stepStart[step] + live;
        }

        Items = new int[_stepStart[steps]];
        Targets = targets is null ? [] : new int[Items.Length];
        LastRow = new int[Order.Length];
        for (int place = 0; place < Order.Length; place++)
        {
            ReadOnlySpan<int> items = sequences[Order[place]].Span;
            for (int step = 0; step < items.Length; step++)
            {
                Items[Row(step, place)] = items[step];
                if (targets is not null)
                {
                    Targets[Row(step, place)] = targets[Order[place]].Span[step];
                }
            }

            LastRow[place] = Row(items.Length - 1, place);
        }
    }

    /// <summary>The input's number of each place.</summary>
    public int[] Order { get; }

    /// <summary>P input items.</summary>
    public int[] Items { get; }

    /// <summary>P targets, or none.</summary>
    public int[] Targets { get; }

    /// <summary>The row of each place's last position.</summary>
    public int[] LastRow { get; }

    public int Positions => Items.Length;

    public int Steps => _stepStart.Length - 1;

    public int First(int step) => _stepStart[step];

    /// <summary>How many sequences have this step.</summary>
    public int Live(int step) => _stepStart[step + 1] - _stepStart[step];

    public int Row(int step, int place) => _stepStart[step] + place;
}
