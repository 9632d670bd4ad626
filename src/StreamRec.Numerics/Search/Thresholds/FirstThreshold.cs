using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Numerics.Search.Thresholds;

/// <summary>
/// The first block of a search, when no threshold is known yet: its products are kept, and cut into as many groups as
/// bound the N-th score cheaply. Each group's maximum is another item, so the N-th largest maximum is a bound.
/// </summary>
internal sealed unsafe class FirstThreshold(ItemIndex index, InstructionSet path)
{
    // Groups for each item wanted: with fewer, the bound is loose; with more, finding it costs more.
    private const double GroupsPerItem = 1.9;
    private const int MostGrouped = 12;

    private readonly PinnedBuffer<short> _products = new(ItemIndex.BlockItems);
    private readonly short[] _maxima = new short[ItemIndex.BlockItems];

    /// <summary>
    /// Scans the first block, gives the user a threshold, and writes a bit for each item that may reach it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Scan(UserSearch user, int wanted, EligiblePositions? eligible, uint* bits)
    {
        FirstPass.Products(
            index.Panels.Pointer,
            ItemIndex.BlockPanels,
            index.Pairs,
            user.Codes,
            _products.Pointer,
            path
        );
        SampledScores.LeaveOut(_products.Pointer, ItemIndex.BlockPanels, user.Excluded, index, eligible);
        ref readonly var block = ref index.Blocks[0];
        if (Bound(wanted) is { } product)
        {
            user.Best.Expect(ScoreBound.Least(user, block, index, product));
        }
        SampledScores.Above(
            _products.Pointer,
            ItemIndex.BlockPanels,
            ScoreBound.Threshold(user, block, index) ?? short.MaxValue,
            bits,
            path
        );
    }

    // The N-th largest of the groups' maxima; null where there are not so many.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int? Bound(int wanted)
    {
        var together = MostGrouped;
        while (
            together > 1
            && (ItemIndex.BlockPanels % together != 0 || ItemIndex.BlockItems / together < wanted * GroupsPerItem)
        )
        {
            together--;
        }
        var groups = ItemIndex.BlockItems / together;
        if (groups < wanted)
        {
            return null;
        }
        Maxima(together, groups);
        int low = short.MinValue,
            high = short.MaxValue;
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (AtLeast((short)middle, groups) >= wanted)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return low == short.MinValue ? null : low;
    }

    // Lane by lane over panels that lie a stride apart.
    private void Maxima(int together, int groups)
    {
        _products.Span[..groups].CopyTo(_maxima);
        for (var part = 1; part < together; part++)
        {
            TensorPrimitives.Max(
                _maxima.AsSpan(0, groups),
                _products.Span.Slice(part * groups, groups),
                _maxima.AsSpan(0, groups)
            );
        }
    }

    private int AtLeast(short least, int groups)
    {
        var count = 0;
        ref var first = ref _maxima[0];
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var limit = Vector256.Create(least);
            for (; i + 16 <= groups; i += 16)
            {
                count += BitOperations.PopCount(
                    Vector256.ExtractMostSignificantBits(
                        Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)i), limit)
                    )
                );
            }
        }
        for (; i < groups; i++)
        {
            count += _maxima[i] >= least ? 1 : 0;
        }
        return count;
    }
}
