using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Candidates;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>One user of a batch while its list is being found.</summary>
internal sealed unsafe class UserSearch
{
    // Below this no sum of products can overflow float32, for none exceeds ‖u‖·‖v‖ + |b|.
    private const double LargestScore = 1e38;

    private readonly InstructionSet _path;
    private readonly PinnedBuffer<float> _vector;
    private readonly PinnedBuffer<uint> _codes;
    private readonly PinnedBuffer<uint> _expected;
    private readonly PinnedBuffer<short> _rowCodes;
    private readonly double[] _room;
    private ItemIndex _index;
    private QuantizedUser _quantized;
    private QuantizedUser _rowQuantized;

    /// <param name="best">Where its candidates go; null: a list of its own.</param>
    public UserSearch(ItemIndex index, InstructionSet path, CandidateList? best = null)
    {
        (_index, _path, Best) = (index, path, best ?? new CandidateList(path));
        // Of all coordinates and the bias, or of fewer: those of any index without a second pass are so few.
        var pairs = Math.Max(index.Pairs, index.Dimension / 2 + 1);
        (_vector, _codes, _expected) = (new(index.Padded), new(pairs), new(pairs));
        _rowCodes = new(index.RowCodes?.RowBytes ?? 0);
        _room = new double[index.Dimension + Math.Max(2 * pairs, index.RowCodes?.RowBytes ?? 0)];
    }

    public CandidateList Best { get; }

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

    /// <param name="vector">[D].</param>
    /// <param name="excluded">Item indices; those above the index' last one, up to <paramref name="most"/>, are none of
    /// its items.</param>
    public void Set(ReadOnlySpan<float> vector, ReadOnlySpan<int> excluded, int most = 0)
    {
        if (vector.Length != _index.Dimension)
        {
            throw new ArgumentException(
                $"The user's vector has {vector.Length} values, the items' have {_index.Dimension}.",
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
        Excluded.Set(excluded, _index.Count, Math.Max(_index.Count, most));
        Quantize(vector);
    }

    /// <summary>Takes another user's place beside items that were added.</summary>
    /// <param name="index">The first of their parts.</param>
    public void Become(UserSearch user, ReadOnlySpan<int> excluded, AddedItems added, ItemIndex index)
    {
        user._vector.Span.CopyTo(_vector.Span);
        Excluded.Set(excluded, added);
        Turn(index);
    }

    /// <summary>Turns to another index, of the same dimension and without a second pass.</summary>
    public void Turn(ItemIndex index)
    {
        _index = index;
        Quantize(_vector.Span[..index.Dimension]);
    }

    private void Quantize(ReadOnlySpan<float> vector)
    {
        var index = _index;
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
        if (_path != InstructionSet.Plain)
        {
            Rescoring.Prefetch(Vector, _index.Padded);
            Excluded.Prefetch();
            Best.Prefetch();
        }
    }

    public bool MayOverflow =>
        ScoreBound.Size(_quantized, _index.Space, _index.MaxNorm, _index.MaxAugmentedNorm) >= LargestScore;
}
