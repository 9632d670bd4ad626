using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Candidates;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>One user of a batch while its list is being found.</summary>
internal sealed unsafe class UserSearch(ItemIndex index, InstructionSet path)
{
    // Below this no sum of products can overflow float32, for none exceeds ‖u‖·‖v‖ + |b|.
    private const double LargestScore = 1e38;

    private readonly PinnedBuffer<float> _vector = new(index.Padded);
    private readonly PinnedBuffer<uint> _codes = new(index.Pairs);
    private readonly PinnedBuffer<uint> _expected = new(index.Pairs);
    private readonly PinnedBuffer<short> _rowCodes = new(index.RowCodes?.RowBytes ?? 0);
    private readonly double[] _room = new double[
        index.Dimension + Math.Max(2 * index.Pairs, index.RowCodes?.RowBytes ?? 0)
    ];
    private QuantizedUser _quantized;
    private QuantizedUser _rowQuantized;

    public CandidateList Best { get; } = new(path);

    public Exclusions Excluded { get; } = new();

    public ref readonly QuantizedUser Quantized => ref _quantized;

    /// <summary>As <see cref="RowCodes"/> have the user.</summary>
    public ref readonly QuantizedUser RowQuantized => ref _rowQuantized;

    /// <summary>u, padded.</summary>
    public float* Vector => _vector.Pointer;

    /// <summary>The user's codes, whose product with an item's bounds its score.</summary>
    public uint* Codes => _codes.Pointer;

    /// <summary>
    /// The codes without the length of the rest: their product with an item's is what its score is likely to be.
    /// </summary>
    public uint* Expected => _expected.Pointer;

    /// <summary>The codes for a second pass.</summary>
    public short* CodesForRows => _rowCodes.Pointer;

    public void Set(ReadOnlySpan<float> vector, ReadOnlySpan<int> excluded)
    {
        if (vector.Length != index.Dimension)
        {
            throw new ArgumentException(
                $"The user's vector has {vector.Length} values, the items' have {index.Dimension}.",
                nameof(vector)
            );
        }
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(
                    "The user's vector is not finite: the encoder's output is broken.",
                    nameof(vector)
                );
            }
        }
        vector.CopyTo(_vector.Span);
        Excluded.Set(excluded, index);
        _quantized = QuantizedUser.Of(vector, index, _codes.Span, _room);
        _codes.Span.CopyTo(_expected.Span);
        if (index.Space.RestAt is >= 0 and var rest)
        {
            Expected[rest / 2] = QuantizedUser.WithoutCoordinate(Codes[rest / 2], rest % 2);
        }
        if (index.RowCodes is { } rows)
        {
            _rowQuantized = rows.Code(vector, _rowCodes.Span, _room, _quantized.Norm);
        }
    }

    /// <summary>
    /// Asks for what survivors will need while the next pass is made: a batch of users is more than the cache next to a
    /// core holds.
    /// </summary>
    public void Prefetch()
    {
        if (path != InstructionSet.Plain)
        {
            Rescoring.Prefetch(Vector, index.Padded);
            Excluded.Prefetch();
            Best.Prefetch();
        }
    }

    public bool MayOverflow =>
        ScoreBound.Size(_quantized, index.Space, index.MaxNorm, index.MaxAugmentedNorm) >= LargestScore;
}
