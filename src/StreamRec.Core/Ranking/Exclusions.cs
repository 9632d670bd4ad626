namespace StreamRec.Ranking;

/// <summary>Items that one user's list leaves out: a small hash of bits says no at once, the list decides the rest.</summary>
internal sealed class Exclusions
{
    private const int Bits = 2048;

    private readonly ulong[] _bits = new ulong[Bits / 64];
    private int[] _positions = [];
    private int _count;

    /// <param name="items">Item indices; 0 and repetitions are allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public void Set(ReadOnlySpan<int> items, ItemIndex index)
    {
        Array.Clear(_bits);
        _count = 0;
        if (_positions.Length < items.Length)
        {
            _positions = new int[items.Length];
        }
        foreach (var item in items)
        {
            if ((uint)item > (uint)index.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(items), item, $"Items are 1..{index.Count}.");
            }
            if (item > 0)
            {
                var position = index.Positions[item];
                _positions[_count++] = position;
                _bits[position % Bits / 64] |= 1ul << position;
            }
        }
    }

    /// <summary>Positions in norm order.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, _count);

    public bool Contains(int position) =>
        (_bits[position % Bits / 64] >> position & 1) != 0 && Positions.Contains(position);
}
