namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// Which items may be listed at the moment: a snapshot that a search is given, and that is never changed. It holds for
/// an index and for all layouts of the same items.
/// </summary>
public sealed class EligiblePositions
{
    /// <param name="index">The items.</param>
    /// <param name="withheld">Item indices that no list may hold, 1..N; 0 and repetitions are allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public EligiblePositions(ItemIndex index, ReadOnlySpan<int> withheld)
    {
        Order = index.Items;
        Words = new uint[index.Eligible.Length];
        Array.Fill(Words, uint.MaxValue);
        var left = index.Count;
        foreach (var item in withheld)
        {
            if ((uint)item > (uint)index.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(withheld), item, $"Items are 1..{index.Count}.");
            }
            if (item > 0)
            {
                var position = index.Positions[item];
                left -= Holds(position) ? 1 : 0;
                Words[position / ItemIndex.PanelItems] &= ~(1u << position);
            }
        }
        Share = index.Count == 0 ? 1 : (double)left / index.Count;
    }

    /// <summary>The eligible part of all items, 0–1.</summary>
    internal double Share { get; }

    /// <summary>A bit for each position in norm order.</summary>
    internal uint[] Words { get; }

    /// <summary>Position in norm order → item index, of which the bits are.</summary>
    internal int[] Order { get; }

    internal bool Holds(int position) => (Words[position / ItemIndex.PanelItems] >> position & 1) != 0;
}
