namespace StreamRec.Numerics.Search.Index;

/// <summary>Which items may be listed at the moment. Immutable; a change makes another one.</summary>
public sealed class ItemAvailability
{
    /// <param name="unavailable">Item indices, 1..N; 0 and repetitions are allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ItemAvailability(ItemIndex index, ReadOnlySpan<int> unavailable)
    {
        Words = new uint[index.Eligible.Length];
        Array.Fill(Words, uint.MaxValue);
        foreach (var item in unavailable)
        {
            if ((uint)item > (uint)index.Count)
            {
                throw new ArgumentOutOfRangeException(nameof(unavailable), item, $"Items are 1..{index.Count}.");
            }
            if (item > 0)
            {
                var position = index.Positions[item];
                Words[position / ItemIndex.PanelItems] &= ~(1u << position);
            }
        }
    }

    /// <summary>A bit for each position in norm order.</summary>
    internal uint[] Words { get; }

    internal bool IsAvailable(int position) => (Words[position / ItemIndex.PanelItems] >> position & 1) != 0;
}
