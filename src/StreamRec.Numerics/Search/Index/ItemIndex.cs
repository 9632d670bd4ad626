using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Directions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// Item vectors, laid out for exact top-N: in norm order, as float32 rows for the scores, as int8 panels for the first
/// pass and, where a second one pays, as <see cref="RowCodes"/>. Immutable; safe for any number of threads.
/// </summary>
/// <remarks>
/// A panel holds 32 items: 32 int16 corrections, then for each pair of coordinates the items' two bytes side by side,
/// 64 bytes. 48 panels are a block with one scale. Items are ±63 and users 0…255 (−128), so one `vpmaddubsw` adds
/// (q₁+128)·p₁ + (q₂+128)·p₂, which is at most 2·255·63 = 32,130 in absolute value: it cannot saturate. The correction
/// −128·Σp is where the sum starts; the sums wrap around, and since |Σ q·p| ≤ ‖q‖·‖p‖ ≤ 32,767 (the user's scale sees
/// to it, by <see cref="MaxCodeNorm"/>) the wrapped result is the true one.
/// </remarks>
public sealed unsafe class ItemIndex : IDisposable
{
    /// <summary>Items in a panel: the int16 lanes of 512 bits.</summary>
    internal const int PanelItems = 32;

    /// <summary>Panels in a block, a multiple of what a kernel takes at a time.</summary>
    internal const int BlockPanels = 48;

    internal const int BlockItems = PanelItems * BlockPanels;

    private int _disposed;

    internal ItemIndex(
        int dimension,
        int[] items,
        AlignedBuffer<float> rows,
        float[]? biases,
        CodedSpace space,
        AlignedBuffer<sbyte> panels,
        int pairs,
        ItemBlock[] blocks,
        double maxCodeNorm,
        RowCodes? rowCodes,
        int[]? positions = null
    )
    {
        (Dimension, Padded, Items, Rows, Biases, Space) = (
            dimension,
            CanonicalScore.Padded(dimension),
            items,
            rows,
            biases,
            space
        );
        (Panels, Pairs, Blocks, MaxCodeNorm, RowCodes) = (panels, pairs, blocks, maxCodeNorm, rowCodes);
        MaxNorm = blocks.Select(block => block.MaxNorm).DefaultIfEmpty().Max();
        MaxAugmentedNorm = blocks.Select(block => block.MaxAugmentedNorm).DefaultIfEmpty().Max();
        Eligible = new uint[blocks.Length * BlockPanels];
        Tags = new AlignedBuffer<ulong>(items.Length);
        Positions = positions ?? new int[items.Length + 1];
        for (var position = 0; position < items.Length; position++)
        {
            Eligible[position / PanelItems] |= 1u << position;
            Tags.Pointer[position] =
                (ulong)BitConverter.SingleToUInt32Bits(biases?[position] ?? 0) << 32 | ~(uint)items[position];
            if (positions is null)
            {
                Positions[items[position]] = position;
            }
        }
    }

    /// <summary>Lays items out.</summary>
    /// <param name="vectors">Row-major [N+1,D]; row 0 is padding and never listed.</param>
    /// <param name="dimension">D, 1–4,096.</param>
    /// <param name="biases">[N+1], or null for none.</param>
    /// <param name="users">Row-major [U,D]: users like those that will be searched for, for whom searches are faster
    /// then; null for none.</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static ItemIndex Build(
        ReadOnlySpan<float> vectors,
        int dimension,
        ReadOnlySpan<float> biases = default,
        ReadOnlySpan<float> users = default
    ) => new ItemIndexBuilder(vectors, dimension, biases, users).Build();

    /// <summary>Lays few items out, quickly: the first pass sees all their coordinates.</summary>
    /// <remarks>As of <see cref="Build"/>.</remarks>
    public static ItemIndex BuildWhole(ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> biases) =>
        new ItemIndexBuilder(vectors, dimension, biases, whole: true).Build();

    /// <summary>
    /// Lays the same items out for such users. The float32 rows are shared; each index is disposed of by itself.
    /// </summary>
    /// <param name="vectors">As they were given to <see cref="Build"/>; so are <paramref name="biases"/>.</param>
    public ItemIndex For(ReadOnlySpan<float> users, ReadOnlySpan<float> vectors, ReadOnlySpan<float> biases) =>
        new ItemIndexBuilder(vectors, Dimension, biases, users).Build(this);

    /// <summary>
    /// The same layout, with other names in the keys of a search. The memory is shared; positions are still those of
    /// the items as they were given.
    /// </summary>
    /// <param name="names">N, of item 1, 2, …</param>
    internal ItemIndex Called(int[] names) =>
        new(
            Dimension,
            Array.ConvertAll(Items, item => names[item - 1]),
            Rows.Share(),
            Biases,
            Space,
            Panels.Share(),
            Pairs,
            Blocks,
            MaxCodeNorm,
            null,
            Positions
        );

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>N.</summary>
    public int Count => Items.Length;

    /// <summary>D rounded up to 16.</summary>
    internal int Padded { get; }

    /// <summary>Position in norm order → item index.</summary>
    internal int[] Items { get; }

    /// <summary>Item index → position.</summary>
    internal int[] Positions { get; }

    /// <summary>[N, padded D] in norm order.</summary>
    internal AlignedBuffer<float> Rows { get; }

    /// <summary>
    /// By position, what makes a product a key: the bias, or 0, in the upper half, the item's complement in the lower.
    /// </summary>
    internal AlignedBuffer<ulong> Tags { get; }

    /// <summary>By position; null for none.</summary>
    internal float[]? Biases { get; }

    /// <summary>What the panels hold of a vector.</summary>
    internal CodedSpace Space { get; }

    internal AlignedBuffer<sbyte> Panels { get; }

    /// <summary>Pairs of coordinates in a panel.</summary>
    internal int Pairs { get; }

    /// <summary>Whether a layout for known users may be faster.</summary>
    public bool MayLearn => DirectionChoice.Serves(Count, Dimension);

    internal int PanelBytes => PanelItems * 2 * (Pairs + 1);

    internal ItemBlock[] Blocks { get; }

    /// <summary>For a second pass; null: there is none.</summary>
    internal RowCodes? RowCodes { get; }

    /// <summary>The largest ‖p‖.</summary>
    internal double MaxCodeNorm { get; }

    /// <summary>The largest ‖v‖ of all.</summary>
    internal double MaxNorm { get; }

    /// <summary>The largest ‖v'‖ of all.</summary>
    internal double MaxAugmentedNorm { get; }

    /// <summary>A bit for each position that holds an item: the last block is padded.</summary>
    internal uint[] Eligible { get; }

    /// <summary>Whether its memory is given back.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Whether these are the items, in the order of their norms.</summary>
    internal bool HasOrder(int[] items) => ReferenceEquals(items, Items) || items.AsSpan().SequenceEqual(Items);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        Rows.Dispose();
        Panels.Dispose();
        Tags.Dispose();
        RowCodes?.Dispose();
    }
}
