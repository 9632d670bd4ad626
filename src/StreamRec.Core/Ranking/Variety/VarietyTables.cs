using StreamRec.Models;
using StreamRec.Numerics.Likeness;

namespace StreamRec.Ranking.Variety;

/// <summary>
/// What lists are varied by: immutable, safe for any number of threads. Takes 2 bytes a dimension and 4 more of each
/// item, so it is made only where a dial is turned. An item that the model does not know is like no other, in no
/// category, and not common.
/// </summary>
public sealed class VarietyTables
{
    private readonly short[] _codes;
    private readonly float[] _popularity;

    public VarietyTables(Bundle bundle)
        : this(bundle.Vectors, bundle.Manifest.Dimension, bundle.Counts, bundle.Categories) { }

    /// <param name="vectors">[N+1,D], row-major.</param>
    /// <param name="counts">N+1; zeros where they are not known.</param>
    /// <param name="categories">Null: not known.</param>
    public VarietyTables(float[] vectors, int dimension, long[] counts, ItemCategories? categories)
    {
        (Width, Categories) = (UnitCodes.WidthOf(dimension), categories);
        _codes = new short[Math.BigMul(counts.Length, Width)];
        _popularity = new float[counts.Length];
        var most = Math.Log(1 + counts.Max());
        for (var item = 1; item < counts.Length; item++)
        {
            UnitCodes.Write(vectors.AsSpan(item * dimension, dimension), Row(item));
            _popularity[item] = most > 0 ? (float)(Math.Log(1 + counts[item]) / most) : 0;
        }
    }

    /// <summary>Numbers of a code.</summary>
    public int Width { get; }

    public ItemCategories? Categories { get; }

    /// <summary>An item's direction, see <see cref="UnitCodes"/>.</summary>
    public ReadOnlySpan<short> Code(int item) => Row(Known(item));

    /// <summary>ln(1 + count) over that of the most common item; 0 where there are no counts.</summary>
    public float Popularity(int item) => _popularity[Known(item)];

    // Row 0 is all zeros.
    private int Known(int item) => item < _popularity.Length ? item : 0;

    private Span<short> Row(int item) => new(_codes, item * Width, Width);
}
