using System.Runtime.CompilerServices;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Numerics.Search.Thresholds;

/// <summary>
/// Guesses what the N-th item will score, from one in twelve items of the first half, in norm order, of all: few of a
/// list come from the rest, and where they do the guess is only lower. Of a small catalogue all items are taken; where
/// the first pass looks along no directions, but at all coordinates, the products are its own, and need not be made
/// again. The guess is low enough to hold nearly always; the search that uses it sees for itself whether it found N
/// items above it.
/// </summary>
internal sealed unsafe class SampledThreshold(ItemIndex index, InstructionSet path)
{
    // With fewer, a part of them is too small a sample, and all of them are soon passed over.
    private const int LeastSampled = 4 * ItemIndex.BlockItems;
    private const int GroupsPerBlock = ItemIndex.BlockPanels / FirstPass.PanelStep;

    // A block's sample lies so many groups on from that of the block before it: prime to the number of groups. The
    // first lies in the middle, for the largest of all items are no fair sample.
    private const int Stride = 5;

    // Users whose samples are taken in one pass over the blocks, where those are many.
    private const int MostTogether = 8;

    // Of how many runs of scores one tells roughly where the guess will lie.
    private const int Part = 4;

    // Where a block's scale is a smaller part of the largest one, too little is left of its products.
    private const double LeastScale = 1.0 / 32;

    private readonly bool _all = IsSmall(index);
    private readonly int _blocks = BlocksOf(index);
    private readonly int _length = LengthOf(index);

    // The scale that all scores have, beside the user's: that of the block whose own is largest.
    private readonly double _scale = ScaleOf(index);
    private readonly short[] _factors = FactorsOf(index);

    // A pass takes panels by steps: those that fill the last step are written as well.
    private readonly PinnedBuffer<short> _scores = new(
        Together(index) * LengthOf(index) + (FirstPass.PanelStep - 1) * ItemIndex.PanelItems
    );
    private readonly PinnedBuffer<short> _above = new(LengthOf(index) + SampledScores.Run, PinnedBuffer<short>.Page);

    /// <summary>
    /// Whether a sample can tell the N-th score: it must hold several times as many items as stand above it.
    /// </summary>
    /// <param name="wanted">N.</param>
    public bool Serves(int wanted) => (!_all || index.Space.RestAt >= 0 || IsFirstPass) && Rank(wanted) * 4L <= _length;

    /// <summary>Whether <see cref="Above"/> can stand for a first pass.</summary>
    public bool IsFirstPass { get; } =
        IsSmall(index)
        && index.Space.RestAt < 0
        && FactorsOf(index).All(factor => factor >= LeastScale * SampledScores.One);

    /// <summary>
    /// Gives each of some users its guess as what to expect: as if half of what its list leaves out would have been on
    /// it; where all items are taken, those are left out.
    /// </summary>
    public void Guess(UserSearch[] users, ReadOnlySpan<int> some, int wanted, EligiblePositions? eligible)
    {
        var together = Together(index);
        for (; some.Length > 0; some = some[Math.Min(together, some.Length)..])
        {
            var now = some[..Math.Min(together, some.Length)];
            Sample(users, now);
            for (var u = 0; u < now.Length; u++)
            {
                var user = users[now[u]];
                if (_all)
                {
                    SampledScores.LeaveOut(
                        _scores.Pointer,
                        _length / ItemIndex.PanelItems,
                        user.Excluded,
                        index,
                        eligible
                    );
                }
                var least = Least(
                    _scores.Pointer + u * _length,
                    Rank(_all ? wanted : Above(wanted + user.Excluded.Items.Length / 2, eligible))
                );
                user.Best.Expect(least * (user.Quantized.Scale * _scale));
            }
        }
    }

    /// <summary>
    /// Writes a bit for each item of a block that the list may hold and whose product with the user, the last to be
    /// guessed for, is above a threshold; and for some whose product is hardly below it.
    /// </summary>
    public void Above(int block, short threshold, uint* bits)
    {
        var (panel, panels) = Panels(block);
        // Scaling keeps the order of products: one above the threshold becomes no less than its next.
        var next = SampledScores.Scaled(threshold + 1, _factors[block]);
        SampledScores.Above(_scores.Pointer + panel * ItemIndex.PanelItems, panels, (short)(next - 1), bits, path);
        new Span<uint>(bits + panels, ItemIndex.BlockPanels - panels).Clear();
    }

    // A block's sample serves all the users while it is near.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sample(UserSearch[] users, ReadOnlySpan<int> some)
    {
        for (int block = 0, at = 0; block < _blocks; block++)
        {
            var (panel, panels) = Panels(block);
            var codes = index.Panels.Pointer + (long)panel * index.PanelBytes;
            for (var u = 0; u < some.Length; u++)
            {
                var scores = _scores.Pointer + u * _length + at;
                FirstPass.Products(codes, panels, index.Pairs, users[some[u]].Expected, scores, path);
                SampledScores.Scale(scores, panels * ItemIndex.PanelItems, _factors[block], path);
            }
            at += panels * ItemIndex.PanelItems;
        }
    }

    // The panels that are sampled of a block: all that hold items, or a few.
    private (int First, int Count) Panels(int block) =>
        _all
            ? (
                block * ItemIndex.BlockPanels,
                Math.Min(ItemIndex.BlockPanels, _length / ItemIndex.PanelItems - block * ItemIndex.BlockPanels)
            )
            : (
                block * ItemIndex.BlockPanels + (block + 1) * Stride % GroupsPerBlock * FirstPass.PanelStep,
                FirstPass.PanelStep
            );

    private static bool IsSmall(ItemIndex index) => index.Count < LeastSampled;

    private static int Together(ItemIndex index) => IsSmall(index) ? 1 : MostTogether;

    // Blocks that are sampled.
    private static int BlocksOf(ItemIndex index) =>
        IsSmall(index) ? index.Blocks.Length : (index.Count / ItemIndex.BlockItems + 1) / 2;

    // Items of the sample; of all, with those that fill the last panel.
    private static int LengthOf(ItemIndex index) =>
        IsSmall(index)
            ? (index.Count + ItemIndex.PanelItems - 1) / ItemIndex.PanelItems * ItemIndex.PanelItems
            : BlocksOf(index) * FirstPass.PanelStep * ItemIndex.PanelItems;

    private static double ScaleOf(ItemIndex index) =>
        index.Blocks.Take(BlocksOf(index)).Select(block => block.Scale).DefaultIfEmpty().Max();

    // What makes a block's products scores.
    private static short[] FactorsOf(ItemIndex index)
    {
        var scale = ScaleOf(index);
        return
        [
            .. index
                .Blocks.Take(BlocksOf(index))
                .Select(block => (short)Math.Round((SampledScores.One - 1) * (scale == 0 ? 0 : block.Scale / scale))),
        ];
    }

    // How many of all items stand above so many eligible ones; where those are few, no sample is large enough.
    private int Above(int wanted, EligiblePositions? eligible) =>
        eligible is null ? wanted : (int)Math.Min(index.Count, wanted / Math.Max(eligible.Share, double.Epsilon));

    // How many of the sample may stand above the guess: the expected number if the whole list were of these blocks, and
    // two deviations more.
    private int Rank(int wanted)
    {
        var expected = _all ? wanted : wanted / (double)GroupsPerBlock;
        return (int)Math.Ceiling(expected + 2 * Math.Sqrt(expected)) + 1;
    }

    // A score that at least `rank` of the sample reach, and hardly more. A part of the sample tells which scores to
    // look at.
    private short Least(short* scores, int rank)
    {
        var expected = rank / (double)Part;
        var collected = _above.Pointer;
        var likely = Least(scores, _length, Part, (int)Math.Ceiling(expected + 2 * Math.Sqrt(expected)) + 1);
        var above = SampledScores.Collect(scores, _length, likely, collected, path);
        if (above < rank)
        {
            return Least(scores, _length, 1, rank);
        }
        new Span<short>(collected + above, SampledScores.Run).Fill(short.MinValue);
        return Least(collected, above, 1, rank);
    }

    private short Least(short* scores, int count, int part, int rank)
    {
        int low = short.MinValue,
            high = short.MaxValue;
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            var reached = SampledScores.AtLeast(scores, count, part, (short)middle, path);
            if (reached == rank)
            {
                return (short)middle;
            }
            (low, high) = reached > rank ? (middle, high) : (low, middle - 1);
        }
        return (short)low;
    }
}
