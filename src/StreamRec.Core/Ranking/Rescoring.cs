using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// Scores what the first pass left of a block. Survivors lie far apart in memory, so they are listed first: then their rows
/// are on their way while others are scored, four at a time.
/// </summary>
internal sealed unsafe class Rescoring(ItemIndex index, ItemAvailability? availability, VectorPath path)
{
    private const int Together = 4;

    // Rows that are asked for ahead of their use.
    private const int Ahead = 12;
    private const int CacheLineFloats = 16;

    private readonly int[] _positions = GC.AllocateArray<int>(ItemIndex.BlockItems + Ahead, pinned: true);

    /// <summary>Gives each eligible item of the bitmap its score, and offers it to the user's list.</summary>
    /// <param name="bits">A bit for each item of the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Searching user, int block, uint* bits)
    {
        fixed (int* positions = _positions)
        {
            var count = List(user, block, bits, positions);
            if (count == 0)
            {
                return;
            }
            // What is asked for ahead must lie inside the rows.
            new Span<int>(positions + count, Ahead).Fill(positions[count - 1]);
            if (path == VectorPath.Avx512)
            {
                Score512(user, positions, count);
            }
            else
            {
                for (var i = 0; i < count; i++)
                {
                    Offer(user.Best, positions[i], CanonicalScore.Dot(user.Vector, Row(positions[i]), index.Padded, path));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int List(Searching user, int block, uint* bits, int* positions)
    {
        var count = 0;
        var excluded = user.Excluded;
        for (var panel = 0; panel < ItemIndex.BlockPanels; panel++)
        {
            if (bits[panel] == 0)
            {
                continue;
            }
            var at = block * ItemIndex.BlockPanels + panel;
            var word = bits[panel] & index.Eligible[at] & (availability?.Words[at] ?? uint.MaxValue);
            for (; word != 0; word &= word - 1)
            {
                var position = at * ItemIndex.PanelItems + BitOperations.TrailingZeroCount(word);
                positions[count] = position;
                count += excluded.Contains(position) ? 0 : 1;
            }
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score512(Searching user, int* positions, int count)
    {
        var best = user.Best;
        var vector = user.Vector;
        var scores = stackalloc float[Together];
        for (var i = 0; i < Math.Min(Ahead, count); i++)
        {
            Fetch(positions[i]);
        }
        var at = 0;
        for (; at + Together <= count; at += Together)
        {
            for (var i = 0; i < Together; i++)
            {
                Fetch(positions[at + Ahead - Together + i]);
            }
            CanonicalScore.Dot512(
                vector, Row(positions[at]), Row(positions[at + 1]), Row(positions[at + 2]), Row(positions[at + 3]), index.Padded, scores);
            for (var i = 0; i < Together; i++)
            {
                Offer(best, positions[at + i], scores[i]);
            }
        }
        for (; at < count; at++)
        {
            Offer(best, positions[at], CanonicalScore.Dot512(vector, Row(positions[at]), index.Padded));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Row(int position) => index.Rows.Pointer + (long)position * index.Padded;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fetch(int position)
    {
        var row = Row(position);
        for (var k = 0; k < index.Padded; k += CacheLineFloats)
        {
            Sse.Prefetch0(row + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(Candidates best, int position, float product)
    {
        var score = product + (index.Biases is { } biases ? biases[position] : 0f);
        var key = Candidates.Key(score, index.Items[position]);
        if (key > best.Floor)
        {
            best.Add(key);
        }
    }
}
