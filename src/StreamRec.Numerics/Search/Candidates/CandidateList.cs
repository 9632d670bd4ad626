using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;

namespace StreamRec.Numerics.Search.Candidates;

/// <summary>
/// One user's best items so far. A candidate is one number, larger is better: the score's bits made monotone, above the
/// complement of the item's index, so that ties go to the lower index and no two candidates are equal.
/// </summary>
internal sealed unsafe class CandidateList(InstructionSet path)
{
    /// <summary>Keys that may be reserved at once.</summary>
    public const int MostAtOnce = 256;

    private PinnedBuffer<ulong> _keys;
    private PinnedBuffer<ulong> _sorted;
    private int _capacity;
    private int _count;
    private int _wanted;

    /// <summary>What a candidate must exceed: the N-th best so far, less one, or less.</summary>
    public ulong Floor { get; private set; }

    public int Count => _count;

    /// <summary>The score that the list's last item has at least; −∞ where nothing is known.</summary>
    public double Threshold { get; private set; }

    /// <summary>Asks for where the next keys go ahead of their coming.</summary>
    public void Prefetch()
    {
        Sse.Prefetch0(Keys + _count);
        Sse.Prefetch0(Keys + _count + 64 / sizeof(ulong));
    }

    /// <summary>Starts a list of N.</summary>
    public void Begin(int wanted)
    {
        (_count, _wanted, Floor, Threshold) = (0, wanted, 0, double.NegativeInfinity);
        if (_capacity < Math.Max(2 * MostAtOnce, 3 * wanted))
        {
            _capacity = Math.Max(2 * MostAtOnce, 3 * wanted);
            _keys = new PinnedBuffer<ulong>(_capacity + CandidateKeys.Padding);
            _sorted = new PinnedBuffer<ulong>(_capacity);
        }
    }

    /// <summary>
    /// At least N eligible items have this score or more, as is known or guessed: lower ones are left out.
    /// </summary>
    public void Expect(double threshold)
    {
        if (threshold > Threshold)
        {
            Threshold = threshold;
            // The largest float that is not above it, and a key below those of all items that score it.
            var score = (float)threshold;
            score = score > threshold ? MathF.BitDecrement(score) : score;
            Floor = Math.Max(Floor, Key(score, int.MaxValue));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float score, int item)
    {
        var bits = BitConverter.SingleToInt32Bits(score);
        var monotone = (uint)bits ^ ((uint)(bits >> 31) | 0x8000_0000);
        return (ulong)monotone << 32 | ~(uint)item;
    }

    public static int Item(ulong key) => (int)~(uint)key;

    public static float Score(ulong key)
    {
        var monotone = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((monotone & 0x8000_0000) != 0 ? monotone ^ 0x8000_0000 : ~monotone);
    }

    /// <summary>
    /// Adds an eligible item, unless making room for it raises <see cref="Floor"/> to its key or above.
    /// </summary>
    public void Add(ulong key)
    {
        *Reserve(1) = key;
        Take(key > Floor ? 1 : 0);
    }

    /// <summary>
    /// Room for some keys, <see cref="MostAtOnce"/> or fewer, and <see cref="CandidateKeys.Padding"/> more; making it
    /// may raise
    /// <see cref="Floor"/>.
    /// </summary>
    public ulong* Reserve(int count)
    {
        if (_count + count > _capacity)
        {
            Shrink();
        }
        return Keys + _count;
    }

    /// <summary>
    /// Adds the first of the keys that were written to what was reserved: eligible items, above <see cref="Floor"/>.
    /// </summary>
    public void Take(int count) => _count += count;

    /// <summary>
    /// Raises the threshold if it pays: choosing the N best costs about as much as scoring N/4 items that a better
    /// threshold would have kept out.
    /// </summary>
    public void Raise()
    {
        if (_count >= _wanted + _wanted / 4 + 16 || Threshold == double.NegativeInfinity)
        {
            Shrink();
        }
    }

    /// <summary>Keeps the N best, if there are more, and raises the threshold to the last of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Shrink()
    {
        if (_count < _wanted)
        {
            return;
        }
        var least = _count == _wanted ? CandidateKeys.LeastFrom(Keys, _count, 1, path) : Select();
        _count = CandidateKeys.Keep(Keys, _count, least, path);
        Floor = Math.Max(Floor, least);
        Threshold = Math.Max(Threshold, Score(least));
    }

    /// <summary>Writes the list, best first, and returns its length.</summary>
    public int Write(Span<int> items, Span<float> scores)
    {
        Shrink();
        if (_count <= CandidateKeys.MostOrdered)
        {
            CandidateKeys.Order(Keys, _count, _sorted.Pointer, path);
        }
        else
        {
            _keys.Span[.._count].CopyTo(_sorted.Span);
            _sorted.Span[.._count].Sort(static (a, b) => b.CompareTo(a));
        }
        var sorted = _sorted.Span;
        for (var rank = 0; rank < _count; rank++)
        {
            items[rank] = Item(sorted[rank]);
            scores[rank] = Score(sorted[rank]);
        }
        return _count;
    }

    private ulong* Keys => _keys.Pointer;

    // The N-th largest of more than N keys, by bisection: counting is one pass of wide compares.
    private ulong Select()
    {
        var keys = Keys;
        // At least N keys are ≥ low, for at most one is the floor itself; fewer than N are > high.
        var (low, high) = (Floor + 1, CandidateKeys.Max(keys, _count, path));
        while (low < high)
        {
            var middle = low + (high - low) / 2 + 1;
            var above = CandidateKeys.Above(keys, _count, middle - 1, path);
            if (above == _wanted)
            {
                low = middle;
                break;
            }
            (low, high) = above > _wanted ? (middle, high) : (low, middle - 1);
        }
        // The true key, since it becomes the threshold.
        return CandidateKeys.LeastFrom(keys, _count, low, path);
    }
}
