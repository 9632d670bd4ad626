using StreamRec.Training.Data;

namespace StreamRec.Training.Layers;

/// <summary>
/// Sequences of different lengths without padding: sorted by length, longest first, then laid out step by step, so that
/// the rows of step t are contiguous, and step t+1's sequences are the first of step t's. P is the number of positions.
/// </summary>
internal sealed class PackedBatch
{
    private int[] _stepStart = [0],
        _items = [],
        _targets = [],
        _lastRow = [],
        _lengths = [],
        _order = [];
    private long[] _keys = [];
    private int _places,
        _positions;
    private bool _hasTargets;

    public PackedBatch() { }

    /// <param name="sequences">Inputs of each sequence, none empty.</param>
    public PackedBatch(IReadOnlyList<ReadOnlyMemory<int>> sequences) =>
        Fill([.. sequences.Select(inputs => new Piece(inputs, default))]);

    /// <summary>The input's number of each place.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _places);

    /// <summary>P input items.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, _positions);

    /// <summary>P targets, or none.</summary>
    public ReadOnlySpan<int> Targets => _targets.AsSpan(0, _hasTargets ? _positions : 0);

    /// <summary>The row of each place's last position.</summary>
    public ReadOnlySpan<int> LastRow => _lastRow.AsSpan(0, _places);

    public int Positions => _positions;

    public int Steps { get; private set; }

    /// <summary>
    /// Takes every <paramref name="stride"/>th piece from <paramref name="first"/> on; arrays grow, and are used again.
    /// </summary>
    public void Fill(ReadOnlySpan<Piece> pieces, int first = 0, int stride = 1)
    {
        var count = Math.Max(0, (pieces.Length - first + stride - 1) / stride);
        (_places, _hasTargets) = (count, count > 0 && pieces[first].Targets.Length > 0);
        Reserve(ref _order, count);
        Reserve(ref _lengths, count);
        Reserve(ref _lastRow, count);
        Reserve(ref _keys, count);
        _positions = 0;
        for (var at = 0; at < count; at++)
        {
            var length = pieces[first + (at * stride)].Inputs.Length;
            // Longest first, and among equals the first: one key that sorts without a comparer.
            _keys[at] = ((long)(int.MaxValue - length) << 32) | (uint)at;
            _positions += length;
        }
        Array.Sort(_keys, 0, count);
        for (var place = 0; place < count; place++)
        {
            _order[place] = (int)(uint)_keys[place];
            _lengths[place] = int.MaxValue - (int)(_keys[place] >> 32);
        }
        Steps = count == 0 ? 0 : _lengths[0];
        Reserve(ref _stepStart, Steps + 1);
        for (int step = 0, live = count; step < Steps; step++)
        {
            while (_lengths[live - 1] <= step)
            {
                live--;
            }
            _stepStart[step + 1] = _stepStart[step] + live;
        }
        Reserve(ref _items, _positions);
        Reserve(ref _targets, _positions);
        for (var place = 0; place < count; place++)
        {
            var piece = pieces[first + (_order[place] * stride)];
            Lay(piece.Inputs.Span, place, _items);
            Lay(piece.Targets.Span, place, _targets);

            _lastRow[place] = Row(_lengths[place] - 1, place);
        }
    }

    public int First(int step) => _stepStart[step];

    /// <summary>How many sequences have this step.</summary>
    public int Live(int step) => _stepStart[step + 1] - _stepStart[step];

    /// <summary>The length of a place's sequence.</summary>
    public int Length(int place) => _lengths[place];

    public int Row(int step, int place) => _stepStart[step] + place;

    private void Lay(ReadOnlySpan<int> sequence, int place, int[] rows)
    {
        for (var step = 0; step < sequence.Length; step++)
        {
            rows[Row(step, place)] = sequence[step];
        }
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, length + (length / 2));
        }
    }
}
