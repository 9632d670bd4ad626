using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamRec.Ranking;

/// <summary>
/// Scores what the first pass left of a block. Survivors lie far apart in memory, so they are listed first: then their rows
/// are on their way while others are scored.
/// </summary>
internal sealed unsafe class Rescoring(ItemIndex index, ItemAvailability? availability, VectorPath path)
{
    private readonly int[] _positions = GC.AllocateArray<int>(ItemIndex.BlockItems + Rescoring512.Padding, pinned: true);
    private readonly float[] _scores = GC.AllocateArray<float>(ItemIndex.BlockItems + Rescoring512.Padding, pinned: true);

    /// <summary>Gives each eligible item of the bitmap its score, and offers it to the user's list.</summary>
    /// <param name="bits">A bit for each item of the block; on return without those that no list may hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Searching user, int block, uint* bits)
    {
        fixed (int* positions = _positions)
        fixed (float* scores = _scores)
        {
            var first = block * ItemIndex.BlockPanels;
            if (path == VectorPath.Avx512)
            {
                Rescoring512.Mask(bits, index.Eligible, availability?.Words, first);
                var listed = Rescoring512.List(bits, first, positions);
                if (listed > 0)
                {
                    Rescoring512.Score(user.Vector, index.Rows.Pointer, index.Padded, positions, listed, scores);
                    Offer512(user, positions, scores, listed);
                }
                return;
            }
            var count = List(first, bits, positions);
            for (var i = 0; i < count; i++)
            {
                var row = index.Rows.Pointer + (long)positions[i] * index.Padded;
                Offer(user, positions[i], CanonicalScore.Dot(user.Vector, row, index.Padded, path) + (index.Biases?[positions[i]] ?? 0f));
            }
        }
    }

    private int List(int first, uint* bits, int* positions)
    {
        var count = 0;
        for (var panel = 0; panel < ItemIndex.BlockPanels; panel++)
        {
            var at = first + panel;
            var word = bits[panel] & index.Eligible[at] & (availability?.Words[at] ?? uint.MaxValue);
            for (; word != 0; word &= word - 1)
            {
                positions[count++] = at * ItemIndex.PanelItems + BitOperations.TrailingZeroCount(word);
            }
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Offer512(Searching user, int* positions, float* scores, int count)
    {
        var least = user.Best.FloorScore;
        for (var i = 0; i < count; i += Rescoring512.Lanes)
        {
            var above = Rescoring512.Above(positions + i, scores + i, index.Biases, least);
            above &= count - i < Rescoring512.Lanes ? (1u << (count - i)) - 1 : uint.MaxValue;
            for (; above != 0; above &= above - 1)
            {
                var at = i + BitOperations.TrailingZeroCount(above);
                Offer(user, positions[at], scores[at]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(Searching user, int position, float score)
    {
        var key = Candidates.Key(score, index.Items[position]);
        if (key > user.Best.Floor && !user.Excluded.Contains(position))
        {
            user.Best.Add(key);
        }
    }
}
