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
    /// <param name="last">The last of those that are left out here.</param>
    /// <param name="most">The last one that there is.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public void Set(ReadOnlySpan<int> items, int last, int most)
    {
        Clear(items.Length);
        foreach (var item in items)
        {
            if ((uint)item > (uint)last)
            {
                if ((uint)item > (uint)most)
                {
                    throw new ArgumentOutOfRangeException(nameof(items), item, $"Items are 1..{most}.");
                }
                continue;
            }
            if (item > 0)
            {
                Add(item);
            }
        }
    }

    /// <summary>Leaves out those of some items that were added, by what keys call them.</summary>
    public void Set(ReadOnlySpan<int> items, AddedItems added)
    {
        Clear(items.Length);
        foreach (var item in items)
        {
            if (item > added.Known && added.KeyOf(item) is > 0 and var key)
            {
                Add(key);
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

    private void Clear(int most)
    {
        _bits.Span.Clear();
        _count = 0;
        if (_items.Length < most)
        {
            _items = new int[most];
        }
    }

    private void Add(int item)
    {
        _items[_count++] = item;
        _bits.Pointer[(uint)item % Bits / 64] |= 1ul << item;
    }

    private static bool MayContain(ulong* bits, int item) => (bits[(uint)item % Bits / 64] >> item & 1) != 0;
}
