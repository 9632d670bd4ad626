using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Ranking;

/// <summary>
/// Guesses what the N-th item will score, from one in twelve items: a few per block, so that all norms are heard. The guess
/// is low enough to hold nearly always; the search that uses it sees for itself whether it found N items above it.
/// </summary>
internal sealed unsafe class SampledThreshold(ItemIndex index, VectorPath path)
{
    // Below this, a first block bounds the threshold as well.
    private const int LeastBlocks = 6;
    private const int SampleItems = FirstPass.PanelStep * ItemIndex.PanelItems;
    private const int GroupsPerBlock = ItemIndex.BlockPanels / FirstPass.PanelStep;

    // Steps of a block's sample from one block to the next: prime to the number of groups.
    private const int Stride = 5;

    // A guess need not be exact: this many halvings of the scores' range.
    private const int Halvings = 14;

    private readonly int _blocks = index.Count / ItemIndex.BlockItems;
    private readonly short[] _products = GC.AllocateUninitializedArray<short>(SampleItems, pinned: true);
    private readonly float[] _scores = new float[index.Count / ItemIndex.BlockItems * SampleItems];

    /// <summary>Whether a sample can tell the N-th score: it must hold several times as many items as stand above it.</summary>
    public bool Serves(int wanted) => _blocks >= LeastBlocks && Rank(wanted) * 4 <= _scores.Length;

    /// <summary>The guess for a user, a score; −∞ where all is alike.</summary>
    public double Guess(Searching user, int wanted)
    {
        for (var block = 0; block < _blocks; block++)
        {
            var panel = block * ItemIndex.BlockPanels + block * Stride % GroupsPerBlock * FirstPass.PanelStep;
            fixed (short* products = _products)
            {
                FirstPass.Products(
                    index.Panels.Pointer + (long)panel * index.PanelBytes, FirstPass.PanelStep, index.Pairs, user.Codes, products, path);
            }
            Widen((float)(user.Quantized.Scale * index.Blocks[block].Scale), block * SampleItems);
        }
        return Least(Rank(wanted));
    }

    // How many of the sample may stand above the guess: the expected number of listed ones, and three deviations more.
    private int Rank(int wanted)
    {
        var expected = wanted * (double)_scores.Length / index.Count;
        return (int)Math.Ceiling(expected + 3 * Math.Sqrt(expected)) + 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(float scale, int at)
    {
        ref var products = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_products);
        ref var scores = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_scores);
        for (var i = 0; i < SampleItems; i += Vector256<short>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref products, (nuint)i));
            (Vector256.ConvertToSingle(low) * scale).StoreUnsafe(ref scores, (nuint)(at + i));
            (Vector256.ConvertToSingle(high) * scale).StoreUnsafe(ref scores, (nuint)(at + i + Vector256<int>.Count));
        }
    }

    // A score that at least `rank` of the sample reach, and hardly more.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Least(int rank)
    {
        float low = TensorPrimitives.Min<float>(_scores), high = TensorPrimitives.Max<float>(_scores);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = low + (high - low) / 2;
            if (Above(middle) >= rank)
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Above(float least)
    {
        ref var first = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_scores);
        int count = 0, i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var limit = Vector512.Create(least);
            for (; i + 16 <= _scores.Length; i += 16)
            {
                count += BitOperations.PopCount(
                    Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)i), limit).ExtractMostSignificantBits());
            }
        }
        for (; i < _scores.Length; i++)
        {
            count += _scores[i] >= least ? 1 : 0;
        }
        return count;
    }
}
