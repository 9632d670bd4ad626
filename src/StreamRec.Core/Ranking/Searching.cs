namespace StreamRec.Ranking;

/// <summary>One user of a batch while its list is being found.</summary>
internal sealed unsafe class Searching(ItemIndex index, VectorPath path)
{
    // Below this no sum of products can overflow float32, for none exceeds ‖u‖·‖v‖ + |b|.
    private const double LargestScore = 1e38;

    private readonly float[] _vector = GC.AllocateArray<float>(index.Padded, pinned: true);
    private readonly uint[] _codes = GC.AllocateArray<uint>(index.Pairs, pinned: true);
    private readonly uint[] _expected = GC.AllocateArray<uint>(index.Pairs, pinned: true);
    private readonly short[] _rowCodes = GC.AllocateArray<short>(index.RowCodes?.RowBytes ?? 0, pinned: true);
    private readonly double[] _room = new double[index.Dimension + Math.Max(2 * index.Pairs, index.RowCodes?.RowBytes ?? 0)];
    private QuantizedUser _quantized;
    private QuantizedUser _rowQuantized;

    public Candidates Best { get; } = new(path);

    public Exclusions Excluded { get; } = new();

    public ref readonly QuantizedUser Quantized => ref _quantized;

    /// <summary>As <see cref="RowCodes"/> have the user.</summary>
    public ref readonly QuantizedUser RowQuantized => ref _rowQuantized;

    /// <summary>u, padded.</summary>
    public float* Vector => (float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_vector, 0);

    /// <summary>The user's codes, whose product with an item's bounds its score.</summary>
    public uint* Codes => (uint*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_codes, 0);

    /// <summary>The codes without the length of the rest: their product with an item's is what its score is likely to be.</summary>
    public uint* Expected => (uint*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_expected, 0);

    /// <summary>The codes for a second pass.</summary>
    public short* CodesForRows => (short*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_rowCodes, 0);

    public void Set(ReadOnlySpan<float> vector, ReadOnlySpan<int> excluded)
    {
        if (vector.Length != index.Dimension)
        {
            throw new ArgumentException($"The user's vector has {vector.Length} values, the items' have {index.Dimension}.", nameof(vector));
        }
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException("The user's vector is not finite: the encoder's output is broken.", nameof(vector));
            }
        }
        vector.CopyTo(_vector);
        Excluded.Set(excluded, index);
        _quantized = QuantizedUser.Of(vector, index, _codes, _room);
        _codes.CopyTo(_expected, 0);
        if (index.Space.RestAt is >= 0 and var rest)
        {
            _expected[rest / 2] = QuantizedUser.WithoutCoordinate(_codes[rest / 2], rest % 2);
        }
        if (index.RowCodes is { } rows)
        {
            _rowQuantized = rows.Code(vector, _rowCodes, _room, _quantized.Norm);
        }
    }

    /// <summary>Asks for what the survivors of a block will need while it is passed over: a batch of users is more than the cache next to a core holds.</summary>
    public void Fetch()
    {
        if (path != VectorPath.Plain)
        {
            Rescoring.Fetch(Vector, index.Padded);
            Excluded.Fetch();
            Best.Fetch();
        }
    }

    public bool MayOverflow =>
        ScoreBound.Size(_quantized, index.Space, index.MaxNorm, index.MaxAugmentedNorm) >= LargestScore;
}
