using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// Scores what the first pass left of a block. Survivors lie far apart in memory, so they are listed first: then their rows
/// are on their way while others are scored.
/// </summary>
internal sealed unsafe class Rescoring(ItemIndex index, ItemAvailability? availability, VectorPath path)
{
    /// <summary>Positions that are written at a time.</summary>
    public const int Lanes = 16;

    /// <summary>Rows that are scored at a time.</summary>
    public const int Together = 4;

    /// <summary>Rows that are asked for ahead of their use.</summary>
    public const int Ahead = 12;

    // What is written to beyond a block's items.
    private const int Padding = 2 * Lanes;

    private readonly PinnedBuffer<int> _positions = new(ItemIndex.BlockItems + Padding, PinnedBuffer<int>.Page);
    private readonly PinnedBuffer<float> _scores = new(ItemIndex.BlockItems + Padding, PinnedBuffer<float>.Page);

    /// <summary>Gives each eligible item of the bitmap its score, and offers it to the user's list.</summary>
    /// <param name="bits">A bit for each item of the block; on return without those that no list may hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Searching user, int block, uint* bits)
    {
        var positions = _positions.Pointer;
        var scores = _scores.Pointer;
        var first = block * ItemIndex.BlockPanels;
        Mask(bits, first);
        if (!new Span<uint>(bits, ItemIndex.BlockPanels).ContainsAnyExcept(0u))
        {
            return;
        }
        switch (path)
        {
            case VectorPath.Avx512:
                var listed = Narrow(user, block, positions, Rescoring512.List(bits, first, positions));
                Rescoring512.Score(user.Vector, index.Rows.Pointer, index.Padded, positions, listed, scores);
                OfferAll(user, positions, scores, listed);
                break;
            case VectorPath.Avx2:
                listed = Narrow(user, block, positions, Rescoring256.List(bits, first, positions));
                Rescoring256.Score(user.Vector, index.Rows.Pointer, index.Padded, positions, listed, scores);
                OfferAll(user, positions, scores, listed);
                break;
            default:
                OfferOneByOne(user, first, bits);
                break;
        }
    }

    // A second pass, if there is one; what follows the last position repeats it.
    private int Narrow(Searching user, int block, int* positions, int count)
    {
        if (index.RowCodes is not { } codes)
        {
            return count;
        }
        var least = ScoreBound.RowThreshold(user, codes.Blocks[block], codes, index.Padded);
        var kept = SecondPass.Keep(user.CodesForRows, codes.Rows.Pointer, codes.RowBytes, positions, count, least);
        if (kept > 0)
        {
            new Span<int>(positions + kept, Lanes).Fill(positions[kept - 1]);
        }
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* row, int padded)
    {
        for (var k = 0; k < padded; k += Lanes)
        {
            Sse.Prefetch0(row + k);
        }
    }

    // Clears the bits of items that no list may hold.
    private void Mask(uint* bits, int first)
    {
        var words = new Span<uint>(bits, ItemIndex.BlockPanels);
        if ((first + ItemIndex.BlockPanels) * ItemIndex.PanelItems > index.Count)
        {
            TensorPrimitives.BitwiseAnd(words, index.Eligible.AsSpan(first, ItemIndex.BlockPanels), words);
        }
        if (availability is not null)
        {
            TensorPrimitives.BitwiseAnd(words, availability.Words.AsSpan(first, ItemIndex.BlockPanels), words);
        }
    }

    private void OfferOneByOne(Searching user, int first, uint* bits)
    {
        for (var panel = 0; panel < ItemIndex.BlockPanels; panel++)
        {
            for (var word = bits[panel]; word != 0; word &= word - 1)
            {
                var position = (first + panel) * ItemIndex.PanelItems + BitOperations.TrailingZeroCount(word);
                var row = index.Rows.Pointer + (long)position * index.Padded;
                Offer(user, position, CanonicalScore.Dot(user.Vector, row, index.Padded, path) + (index.Biases?[position] ?? 0f));
            }
        }
    }

    // Without a branch for whether a score is high enough, which cannot be foretold.
    private void OfferAll(Searching user, int* positions, float* products, int count)
    {
        var best = user.Best;
        fixed (ulong* tags = index.Tags)
        {
            for (var i = 0; i < count; i += Candidates.MostAtOnce)
            {
                var some = Math.Min(Candidates.MostAtOnce, count - i);
                var keys = best.Reserve(some);
                Rescoring256.Keys(positions + i, products + i, some, tags, keys);
                best.Take(user.Excluded.Remove(keys, CandidateKeys.Keep(keys, some, best.Floor + 1, path)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(Searching user, int position, float score)
    {
        var item = index.Items[position];
        var key = Candidates.Key(score, item);
        if (key > user.Best.Floor && !user.Excluded.Contains(item))
        {
            user.Best.Add(key);
        }
    }
}
