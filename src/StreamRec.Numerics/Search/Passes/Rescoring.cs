using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Candidates;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// Scores what the first pass left. Survivors lie far apart in memory, so they are listed first: then their rows are on
/// their way while the pass goes on to the next users or the next block, or at least while others are scored.
/// </summary>
internal sealed unsafe class Rescoring(InstructionSet path)
{
    /// <summary>Positions that are written at a time.</summary>
    public const int Lanes = 16;

    /// <summary>Rows that are scored at a time.</summary>
    public const int Together = 4;

    /// <summary>Rows that are asked for ahead of their use.</summary>
    public const int Ahead = 12;

    // What is written to beyond a block's items.
    private const int Padding = 2 * Lanes;

    private readonly PinnedBuffer<int> _positions = new(
        FirstPass.UserStep * ItemIndex.BlockItems + Padding,
        PinnedBuffer<int>.Page
    );
    private readonly PinnedBuffer<float> _scores = new(ItemIndex.BlockItems + Padding, PinnedBuffer<float>.Page);
    private readonly (UserSearch User, int First, int Count)[] _waiting = new (UserSearch, int, int)[
        FirstPass.UserStep
    ];
    private int _users;
    private int _listed;

    /// <summary>
    /// The rows of the survivors that are listed and not yet scored; what else scores need is asked for.
    /// </summary>
    /// <param name="index">As of all that was listed.</param>
    /// <param name="turns">How often some of them will be asked for, or fewer.</param>
    public RowPrefetch Prefetch(ItemIndex index, int turns)
    {
        foreach (var (user, _, _) in _waiting.AsSpan(0, _users))
        {
            user.Prefetch();
        }
        return new(index.Rows.Pointer, index.Padded, index.Tags.Pointer, _positions.Pointer, _listed, turns);
    }

    /// <summary>
    /// Lists the eligible items of a bitmap, for at most <see cref="FirstPass.UserStep"/> users before they are scored.
    /// </summary>
    /// <param name="bits">A bit for each item of the block; on return without those that no list may hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void List(ItemIndex index, UserSearch user, int block, uint* bits, EligiblePositions? eligible)
    {
        var first = block * ItemIndex.BlockPanels;
        Mask(index, bits, first, eligible);
        if (!new Span<uint>(bits, ItemIndex.BlockPanels).ContainsAnyExcept(0u))
        {
            return;
        }
        var positions = _positions.Pointer + _listed;
        var count = path switch
        {
            InstructionSet.Avx512 => Narrow(index, user, block, positions, Rescoring512.List(bits, first, positions)),
            InstructionSet.Avx2 => Narrow(index, user, block, positions, Rescoring256.List(bits, first, positions)),
            _ => ListPlain(bits, first, positions),
        };
        _waiting[_users++] = (user, _listed, count);
        _listed += (count + Together - 1) / Together * Together;
    }

    /// <summary>Gives each listed item its score, and offers it to its user's list.</summary>
    /// <param name="near">All of <see cref="RowPrefetch"/> have been asked for.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Score(ItemIndex index, bool near)
    {
        var scores = _scores.Pointer;
        foreach (var (user, first, count) in _waiting.AsSpan(0, _users))
        {
            var positions = _positions.Pointer + first;
            switch (path)
            {
                case InstructionSet.Avx512:
                    Rescoring512.Score(user.Vector, index.Rows.Pointer, index.Padded, positions, count, near, scores);
                    OfferAll(index, user, positions, scores, count);
                    break;
                case InstructionSet.Avx2:
                    Rescoring256.Score(user.Vector, index.Rows.Pointer, index.Padded, positions, count, near, scores);
                    OfferAll(index, user, positions, scores, count);
                    break;
                default:
                    OfferOneByOne(index, user, positions, count);
                    break;
            }
            user.Best.Raise();
        }
        (_users, _listed) = (0, 0);
    }

    // A second pass, if there is one; what follows the last position repeats it.
    private static int Narrow(ItemIndex index, UserSearch user, int block, int* positions, int count)
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
    public static void Prefetch(float* row, int padded)
    {
        for (var k = 0; k < padded; k += Lanes)
        {
            Sse.Prefetch0(row + k);
        }
    }

    // Clears the bits of items that no list may hold.
    private static void Mask(ItemIndex index, uint* bits, int first, EligiblePositions? eligible)
    {
        var words = new Span<uint>(bits, ItemIndex.BlockPanels);
        if ((first + ItemIndex.BlockPanels) * ItemIndex.PanelItems > index.Count)
        {
            TensorPrimitives.BitwiseAnd(words, index.Eligible.AsSpan(first, ItemIndex.BlockPanels), words);
        }
        if (eligible is not null)
        {
            TensorPrimitives.BitwiseAnd(words, eligible.Words.AsSpan(first, ItemIndex.BlockPanels), words);
        }
    }

    private static int ListPlain(uint* bits, int first, int* positions)
    {
        var count = 0;
        for (var panel = 0; panel < ItemIndex.BlockPanels; panel++)
        {
            for (var word = bits[panel]; word != 0; word &= word - 1)
            {
                positions[count++] = (first + panel) * ItemIndex.PanelItems + BitOperations.TrailingZeroCount(word);
            }
        }
        return count;
    }

    private void OfferOneByOne(ItemIndex index, UserSearch user, int* positions, int count)
    {
        foreach (var position in new Span<int>(positions, count))
        {
            var row = index.Rows.Pointer + (long)position * index.Padded;
            var key = CandidateList.Key(
                CanonicalScore.Dot(user.Vector, row, index.Padded, path) + (index.Biases?[position] ?? 0f),
                index.Items[position]
            );
            if (key > user.Best.Floor && !user.Excluded.Contains(index.Items[position]))
            {
                user.Best.Add(key);
            }
        }
    }

    // Without a branch for whether a score is high enough, which cannot be foretold.
    private void OfferAll(ItemIndex index, UserSearch user, int* positions, float* products, int count)
    {
        var best = user.Best;
        for (var i = 0; i < count; i += CandidateList.MostAtOnce)
        {
            var some = Math.Min(CandidateList.MostAtOnce, count - i);
            var keys = best.Reserve(some);
            Rescoring256.Keys(positions + i, products + i, some, index.Tags.Pointer, keys);
            best.Take(user.Excluded.Remove(keys, CandidateKeys.Keep(keys, some, best.Floor + 1, path)));
        }
    }
}
