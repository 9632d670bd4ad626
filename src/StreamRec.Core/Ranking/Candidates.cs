using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Ranking;

/// <summary>
/// One user's best items so far. A candidate is one number, larger is better: the score's bits made monotone, above the
/// complement of the item's index, so that ties go to the lower index and no two candidates are equal.
/// </summary>
internal sealed class Candidates
{
    // Below this, counting is faster than sorting.
    private const int MostRanked = 256;

    private ulong[] _keys = new ulong[512];
    private ulong[] _sorted = new ulong[512];
    private int _count;
    private int _wanted;

    /// <summary>What a candidate must exceed: the N-th best so far, less one, or less.</summary>
    public ulong Floor { get; private set; }

    /// <summary>The score of <see cref="Floor"/>; −∞ where there is none.</summary>
    public float FloorScore => Floor == 0 ? float.NegativeInfinity : Score(Floor);

    public int Count => _count;

    /// <summary>The score that the list's last item has at least; −∞ where nothing is known.</summary>
    public double Threshold { get; private set; }

    /// <summary>Starts a list of N.</summary>
    public void Begin(int wanted)
    {
        (_count, _wanted, Floor, Threshold) = (0, wanted, 0, double.NegativeInfinity);
        if (_keys.Length < 3 * wanted)
        {
            _keys = new ulong[3 * wanted];
            _sorted = new ulong[3 * wanted];
        }
    }

    /// <summary>At least N eligible items have this score or more.</summary>
    public void Expect(double threshold)
    {
        if (threshold > Threshold)
        {
            Threshold = threshold;
            // The largest float that is not above it.
            var score = (float)threshold;
            score = score > threshold ? MathF.BitDecrement(score) : score;
            Floor = Math.Max(Floor, Key(score, int.MaxValue) - 1);
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

    /// <summary>Adds an eligible item whose key is above <see cref="Floor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong key)
    {
        _keys[_count++] = key;
        if (_count == _keys.Length)
        {
            Shrink();
        }
    }

    /// <summary>
    /// Raises the threshold if it pays: choosing the N best costs about as much as scoring N/4 items that a better threshold
    /// would have kept out.
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
        var least = _count == _wanted ? Least() : Select();
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var key = _keys[i];
            _keys[kept] = key;
            kept += key >= least ? 1 : 0;
        }
        _count = kept;
        Floor = Math.Max(Floor, least);
        Threshold = Math.Max(Threshold, Score(least));
    }

    /// <summary>Writes the list, best first, and returns its length.</summary>
    public int Write(Span<int> items, Span<float> scores)
    {
        Shrink();
        if (_count <= MostRanked)
        {
            for (var i = 0; i < _count; i++)
            {
                _sorted[Above(_keys[i])] = _keys[i];
            }
        }
        else
        {
            _keys.AsSpan(0, _count).CopyTo(_sorted);
            _sorted.AsSpan(0, _count).Sort(static (a, b) => b.CompareTo(a));
        }
        for (var rank = 0; rank < _count; rank++)
        {
            items[rank] = Item(_sorted[rank]);
            scores[rank] = Score(_sorted[rank]);
        }
        return _count;
    }

    private ulong Least()
    {
        var least = ulong.MaxValue;
        foreach (var key in _keys.AsSpan(0, _count))
        {
            least = Math.Min(least, key);
        }
        return least;
    }

    // The N-th largest key, or a number between it and the next: bisection, since counting is one pass of wide compares.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Select()
    {
        ulong low = ulong.MaxValue, high = 0;
        foreach (var key in _keys.AsSpan(0, _count))
        {
            (low, high) = (Math.Min(low, key), Math.Max(high, key));
        }
        // More than N keys are ≥ low, fewer than N are > high.
        var found = low;
        while (low < high)
        {
            var middle = low + (high - low) / 2 + 1;
            var above = Above(middle - 1);
            if (above == _wanted)
            {
                found = middle;
                break;
            }
            if (above > _wanted)
            {
                found = low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        // The true key, since it becomes the threshold.
        var least = ulong.MaxValue;
        foreach (var key in _keys.AsSpan(0, _count))
        {
            least = key >= found ? Math.Min(least, key) : least;
        }
        return least;
    }

    // How many keys are above a limit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Above(ulong limit)
    {
        ref var first = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_keys);
        int count = 0, i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var least = Vector512.Create(limit);
            for (; i + 8 <= _count; i += 8)
            {
                count += BitOperations.PopCount(
                    Vector512.GreaterThan(Vector512.LoadUnsafe(ref first, (nuint)i), least).ExtractMostSignificantBits());
            }
        }
        for (; i < _count; i++)
        {
            count += _keys[i] > limit ? 1 : 0;
        }
        return count;
    }
}
