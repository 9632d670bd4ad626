using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Candidates;

namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// Items that one user's list leaves out: a small hash of bits says no at once, the list decides the rest.
/// </summary>
internal sealed unsafe class Exclusions
{
    private const int Bits = 2048,
        LineBytes = 64;

    private readonly PinnedBuffer<ulong> _bits = new(Bits / 64);
    private int[] _items = [];
    private int _count;

    /// <param name="items">Item indices; 0 and repetitions are allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public void Set(ReadOnlySpan<int> items, ItemIndex index)
    {
        var bits = _bits.Span;
        bits.Clear();
        _count = 0;
        if (_items.Length < items.Length)
        {
            _items = new int[items.Length];
        }
        foreach (var item in items)
        {
            if ((uint)item > (uint)index.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(items), item, $"Items are 1..{index.Count}.");
            }
            if (item > 0)
            {
                _items[_count++] = item;
                bits[(int)((uint)item % Bits / 64)] |= 1ul << item;
            }
        }
    }

    public ReadOnlySpan<int> Items => _items.AsSpan(0, _count);

    /// <summary>Asks for the bits ahead of their use.</summary>
    public void Prefetch()
    {
        var bits = (byte*)_bits.Pointer;
        for (var at = 0; at < Bits / 8; at += LineBytes)
        {
            Sse.Prefetch0(bits + at);
        }
    }

    public bool Contains(int item) => MayContain(_bits.Pointer, item) && Items.Contains(item);

    /// <summary>
    /// Takes the items' keys (<see cref="CandidateList.Key"/>) out of some, and returns how many are left, in any
    /// order.
    /// </summary>
    public int Remove(ulong* keys, int count)
    {
        var bits = _bits.Pointer;
        for (var i = count - 1; i >= 0; i--)
        {
            var item = CandidateList.Item(keys[i]);
            if (MayContain(bits, item) && Items.Contains(item))
            {
                keys[i] = keys[--count];
            }
        }
        return count;
    }

    private static bool MayContain(ulong* bits, int item) => (bits[(uint)item % Bits / 64] >> item & 1) != 0;
}
