using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// Guesses what the N-th item will score, from one in twelve items of the first half, in norm order, of all: few of a list
/// come from the rest, and where they do the guess is only lower. Of a small catalogue that is searched along few directions, all items are
/// taken. The guess is low enough to hold nearly always; the search that uses it sees for itself whether it found N items above it.
/// </summary>
internal sealed unsafe class SampledThreshold(ItemIndex index, ItemAvailability? availability, VectorPath path)
{
    // With fewer, a part of them is too small a sample.
    private const int LeastSampled = 6 * ItemIndex.BlockItems;
    private const int GroupsPerBlock = ItemIndex.BlockPanels / FirstPass.PanelStep;

    // A block's sample lies so many groups on from that of the block before it: prime to the number of groups. The first lies in the
    // middle, for the largest of all items are no fair sample.
    private const int Stride = 5;

    // Users whose samples are taken in one pass over the blocks, where those are many.
    private const int MostTogether = 8;

    // A guess need not be exact: this many halvings of the scores' range.
    private const int Halvings = 16;

    // Scores that are counted at a time, and of how many such runs one tells roughly where the guess will lie.
    private const int Run = 16, Part = 8;

    // For each mask of four lanes, which lanes stay.
    private static readonly int[] s_squeeze =
        [.. Enumerable.Range(0, 16).SelectMany(mask => Enumerable.Range(0, 4).OrderBy(lane => mask >> lane & 1 ^ 1))];

    private readonly bool _all = IsSmall(index);
    private readonly int _blocks = BlocksOf(index);
    private readonly int _length = LengthOf(index);
    private readonly short[] _products = GC.AllocateUninitializedArray<short>(ItemIndex.BlockItems, pinned: true);
    private readonly float[] _scores = new float[(IsSmall(index) ? 1 : MostTogether) * LengthOf(index)];
    private readonly float[] _above = new float[LengthOf(index) + Vector128<float>.Count];

    /// <summary>Whether a sample can tell the N-th score: it must hold several times as many items as stand above it.</summary>
    /// <param name="wanted">N.</param>
    public bool Serves(int wanted) => (!_all || index.Space.RestAt >= 0) && Rank(wanted) * 4L <= _length;

    /// <summary>
    /// Gives each of some users its guess as what to expect: as if half of what its list leaves out would have been on it; where all items are
    /// taken, those are left out.
    /// </summary>
    public void Guess(Searching[] users, ReadOnlySpan<int> some, int wanted)
    {
        var together = _scores.Length / _length;
        for (; some.Length > 0; some = some[Math.Min(together, some.Length)..])
        {
            var now = some[..Math.Min(together, some.Length)];
            Sample(users, now);
            for (var u = 0; u < now.Length; u++)
            {
                var user = users[now[u]];
                var scores = _scores.AsSpan(u * _length, _length);
                if (_all)
                {
                    LeaveOut(user, scores);
                }
                var most = (float)ScoreBound.Size(user.Quantized, index.Space, index.MaxNorm, index.MaxAugmentedNorm);
                user.Best.Expect(Least(scores, Rank(_all ? wanted : wanted + user.Excluded.Items.Length / 2), most));
            }
        }
    }

    private void LeaveOut(Searching user, Span<float> scores)
    {
        foreach (var item in user.Excluded.Items)
        {
            if (index.Positions[item] < scores.Length)
            {
                scores[index.Positions[item]] = float.NegativeInfinity;
            }
        }
        for (var position = 0; availability is not null && position < scores.Length; position++)
        {
            scores[position] = availability.IsAvailable(position) ? scores[position] : float.NegativeInfinity;
        }
    }

    // A block's sample serves all the users while it is near.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sample(Searching[] users, ReadOnlySpan<int> some)
    {
        fixed (short* products = _products)
        {
            for (int block = 0, at = 0; block < _blocks; block++)
            {
                var (panel, panels) = Panels(block);
                var codes = index.Panels.Pointer + (long)panel * index.PanelBytes;
                for (var u = 0; u < some.Length; u++)
                {
                    var user = users[some[u]];
                    FirstPass.Products(codes, panels, index.Pairs, user.Expected, products, path);
                    Widen((float)(user.Quantized.Scale * index.Blocks[block].Scale), panels * ItemIndex.PanelItems, u * _length + at);
                }
                at += panels * ItemIndex.PanelItems;
            }
        }
    }

    // The panels that are sampled of a block: all that are full, or a few.
    private (int First, int Count) Panels(int block) => _all
        ? (block * ItemIndex.BlockPanels, Math.Min(ItemIndex.BlockPanels, index.Count / ItemIndex.PanelItems - block * ItemIndex.BlockPanels))
        : (block * ItemIndex.BlockPanels + (block + 1) * Stride % GroupsPerBlock * FirstPass.PanelStep, FirstPass.PanelStep);

    private static bool IsSmall(ItemIndex index) => index.Count < LeastSampled;

    // Blocks that are sampled.
    private static int BlocksOf(ItemIndex index) => IsSmall(index) ? index.Blocks.Length : (index.Count / ItemIndex.BlockItems + 1) / 2;

    // Items of the sample.
    private static int LengthOf(ItemIndex index) => IsSmall(index)
        ? index.Count / ItemIndex.PanelItems * ItemIndex.PanelItems : BlocksOf(index) * FirstPass.PanelStep * ItemIndex.PanelItems;

    // How many of the sample may stand above the guess: the expected number if the whole list were of these blocks, and two deviations more.
    private int Rank(int wanted)
    {
        var expected = _all ? wanted : wanted / (double)GroupsPerBlock;
        return (int)Math.Ceiling(expected + 2 * Math.Sqrt(expected)) + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(float scale, int count, int at)
    {
        ref var products = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_products);
        ref var scores = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_scores);
        for (var i = 0; i < count; i += Vector256<short>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref products, (nuint)i));
            (Vector256.ConvertToSingle(low) * scale).StoreUnsafe(ref scores, (nuint)(at + i));
            (Vector256.ConvertToSingle(high) * scale).StoreUnsafe(ref scores, (nuint)(at + i + Vector256<int>.Count));
        }
    }

    // A score that at least `rank` of the sample reach, and hardly more. A part of the sample tells which scores to look at.
    private double Least(ReadOnlySpan<float> scores, int rank, float most)
    {
        var expected = rank / (double)Part;
        var above = Collect(scores, Least(scores, Part, (int)Math.Ceiling(expected + 2 * Math.Sqrt(expected)) + 1, most));
        return above >= rank ? Least(_above.AsSpan(0, above), 1, rank, most) : Least(scores, 1, rank, most);
    }

    private float Least(ReadOnlySpan<float> scores, int part, int rank, float most)
    {
        float low = -most, high = most;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = low + (high - low) / 2;
            if (AtLeast(scores, part, middle) >= rank)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    // How many scores reach a limit, of one in `part` runs of sixteen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AtLeast(ReadOnlySpan<float> scores, int part, float least)
    {
        ref var first = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(scores);
        int count = 0, i = 0;
        if (path == VectorPath.Avx512)
        {
            var limit = Vector512.Create(least);
            for (; i + Run <= scores.Length; i += Run * part)
            {
                count += BitOperations.PopCount(
                    Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)i), limit).ExtractMostSignificantBits());
            }
        }
        else if (path == VectorPath.Avx2)
        {
            var limit = Vector256.Create(least);
            var counts = Vector256<int>.Zero;
            for (; i + Run <= scores.Length; i += Run * part)
            {
                counts -= Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)i), limit).AsInt32();
                counts -= Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)(i + Run / 2)), limit).AsInt32();
            }
            count = Vector256.Sum(counts);
        }
        for (; i < scores.Length; i += i % Run == Run - 1 ? Run * (part - 1) + 1 : 1)
        {
            count += scores[i] >= least ? 1 : 0;
        }
        return count;
    }

    // Copies the scores that reach a limit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Collect(ReadOnlySpan<float> scores, float least)
    {
        ref var first = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(scores);
        int count = 0, i = 0;
        if (path == VectorPath.Avx512)
        {
            var limit = Vector512.Create(least);
            for (; i + Run <= scores.Length; i += Run)
            {
                var above = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)i), limit).ExtractMostSignificantBits();
                for (; above != 0; above &= above - 1)
                {
                    _above[count++] = scores[i + BitOperations.TrailingZeroCount(above)];
                }
            }
        }
        else if (path == VectorPath.Avx2)
        {
            var limit = Vector128.Create(least);
            ref var left = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(s_squeeze);
            ref var above = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_above);
            for (; i + Vector128<float>.Count <= scores.Length; i += Vector128<float>.Count)
            {
                var some = Vector128.LoadUnsafe(ref first, (nuint)i);
                var stay = Vector128.GreaterThanOrEqual(some, limit).ExtractMostSignificantBits();
                Avx.PermuteVar(some, Vector128.LoadUnsafe(ref left, stay * (nuint)Vector128<int>.Count)).StoreUnsafe(ref above, (nuint)count);
                count += BitOperations.PopCount(stay);
            }
        }
        for (; i < scores.Length; i++)
        {
            if (scores[i] >= least)
            {
                _above[count++] = scores[i];
            }
        }
        return count;
    }
}
