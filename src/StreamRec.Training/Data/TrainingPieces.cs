namespace StreamRec.Training.Data;

/// <summary>
/// Cuts sequences into training pieces of at most W inputs and deals them into batches of about equally many positions.
/// </summary>
/// <remarks>The lists are used again by the next epoch.</remarks>
internal sealed class TrainingPieces(IReadOnlyList<ReadOnlyMemory<int>> sequences, int window, int batchPositions)
{
    private readonly List<Piece> _pieces = [];
    private readonly List<int> _ends = [];

    /// <summary>Batches of the epoch that was cut last.</summary>
    public int Batches => _ends.Count;

    /// <summary>
    /// A batch of that epoch, the longest pieces first, so that shards can be dealt longer and shorter ones alike.
    /// </summary>
    public ReadOnlySpan<Piece> Batch(int at) => All[(at == 0 ? 0 : _ends[at - 1]).._ends[at]];

    private Span<Piece> All => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pieces);

    /// <summary>Cuts at fresh random places, and shuffles. Every event with a successor is an input once.</summary>
    public void Epoch(Random random)
    {
        _pieces.Clear();
        _ends.Clear();
        for (var at = 0; at < sequences.Count; at++)
        {
            var sequence = sequences[at];
            var inputs = sequence.Length - 1;
            var end = inputs > window ? random.Next(1, window + 1) : inputs;
            for (var start = 0; start < inputs; start = end, end = Math.Min(inputs, end + window))
            {
                _pieces.Add(new Piece(sequence[start..end], sequence[(start + 1)..(end + 1)]));
            }
        }
        random.Shuffle(All);
        var filled = 0;
        for (var at = 0; at < _pieces.Count; at++)
        {
            if (filled >= batchPositions)
            {
                _ends.Add(at);
                filled = 0;
            }
            filled += _pieces[at].Inputs.Length;
        }
        if (_pieces.Count > 0)
        {
            _ends.Add(_pieces.Count);
        }
        for (var at = 0; at < Batches; at++)
        {
            All[(at == 0 ? 0 : _ends[at - 1]).._ends[at]]
                .Sort(static (x, y) => y.Inputs.Length.CompareTo(x.Inputs.Length));
        }
    }
}

/// <summary>Inputs and, at each, the item that followed; no targets where a sequence is only encoded.</summary>
internal readonly record struct Piece(ReadOnlyMemory<int> Inputs, ReadOnlyMemory<int> Targets);
