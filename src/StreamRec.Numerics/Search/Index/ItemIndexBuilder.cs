using System.Numerics.Tensors;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Directions;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Numerics.Search.Index;

/// <summary>Lays out an <see cref="ItemIndex"/>.</summary>
internal unsafe ref struct ItemIndexBuilder
{
    /// <summary>The largest item code: two products with 255 still fit into int16.</summary>
    private const int MaxCode = 63;

    /// <summary>
    /// Item codes may be this long: what int16 holds of a product, 32,767, is shared evenly with users' codes.
    /// </summary>
    private const double LongestCode = 181;

    private readonly ReadOnlySpan<float> _vectors;
    private readonly ReadOnlySpan<float> _biases;
    private readonly ReadOnlySpan<float> _users;
    private readonly int _dimension;
    private readonly int _count;
    private readonly int _pairs;
    private readonly int[] _items;
    private readonly double[] _norms;
    private readonly DirectionChoice.Choice? _choice;
    private readonly CodedSpace _space;
    private double _maxCodeNorm;

    /// <param name="given">PrincipalDirections to take; null: what is best.</param>
    /// <param name="whole">No directions, but all coordinates, whatever is best.</param>
    public ItemIndexBuilder(
        ReadOnlySpan<float> vectors,
        int dimension,
        ReadOnlySpan<float> biases,
        ReadOnlySpan<float> users = default,
        DirectionChoice.Choice? given = null,
        bool whole = false
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        _vectors = vectors;
        _dimension = dimension;
        _biases = biases;
        _users = users;
        _count = vectors.Length / dimension - 1;
        if (
            _count < 0
            || vectors.Length != (long)(_count + 1) * dimension
            || (!biases.IsEmpty && biases.Length != _count + 1)
        )
        {
            throw new ArgumentException(
                $"{vectors.Length} floats are no rows of {dimension}, or {biases.Length} biases are not one a row."
            );
        }
        if (NotFinite(vectors) is >= 0 and var bad)
        {
            throw new ArgumentException($"The vector of item {bad / dimension} holds a value that is not finite.");
        }
        if (NotFinite(biases) is >= 0 and var badBias)
        {
            throw new ArgumentException($"The bias of item {badBias} is not finite.");
        }
        (_items, _norms) = NormOrder();
        _choice = whole ? null : given ?? DirectionChoice.Of(vectors, dimension, _norms.FirstOrDefault(), users);
        _space = Space(_choice?.Best, _choice?.RestScale ?? 1);
        _pairs = (_space.Width + 1) / 2;
    }

    /// <param name="same">An index of the same items, whose rows are taken.</param>
    public ItemIndex Build(ItemIndex? same = null)
    {
        if (same is not null && !same.Items.AsSpan().SequenceEqual(_items))
        {
            throw new ArgumentException(
                "The vectors are not those of the index whose rows are to be taken.",
                nameof(same)
            );
        }
        var biases = _biases.IsEmpty ? null : new float[_count];
        for (var position = 0; position < biases?.Length; position++)
        {
            // No −0, which would stand below 0 among keys, and does not among scores.
            biases[position] = _biases[_items[position]] + 0f;
        }
        var blocks = new ItemBlock[(_count + ItemIndex.BlockItems - 1) / ItemIndex.BlockItems];
        var panels = new AlignedBuffer<sbyte>((long)blocks.Length * ItemIndex.BlockPanels * 64 * (_pairs + 1));
        var maxBias = double.NegativeInfinity;
        var coordinates = new BlockCoordinates(_vectors, _biases, _items, _space);
        for (var block = blocks.Length - 1; block >= 0; block--)
        {
            var first = block * ItemIndex.BlockItems;
            var last = Math.Min(_count, first + ItemIndex.BlockItems);
            for (var position = first; position < last; position++)
            {
                maxBias = Math.Max(maxBias, biases is null ? 0 : biases[position]);
            }
            blocks[block] = Quantize(ref coordinates, first, last, panels) with
            {
                MaxNorm = _norms[first],
                MaxBias = maxBias,
            };
        }
        var rowCodes = RowCodesOf(blocks);
        return new ItemIndex(
            _dimension,
            same?.Items ?? _items,
            same?.Rows.Share() ?? Rows(),
            biases,
            _space,
            panels,
            _pairs,
            blocks,
            _maxCodeNorm,
            rowCodes
        );
    }

    private readonly AlignedBuffer<float> Rows()
    {
        var padded = CanonicalScore.Padded(_dimension);
        var rows = new AlignedBuffer<float>((long)_count * padded);
        for (var position = 0; position < _count; position++)
        {
            Vector(position).CopyTo(rows.Span((long)position * padded, _dimension));
        }
        return rows;
    }

    // A first pass along few directions leaves so many that a second one pays.
    private readonly RowCodes? RowCodesOf(ItemBlock[] blocks)
    {
        if (_choice is not { SecondPass: true })
        {
            return null;
        }
        var space =
            _space.BiasScale > 0 && RowCodes.BiasNeedsAnotherUnit(_dimension)
                ? Space(PrincipalDirections.Mixed(_choice.All, _dimension, _dimension - 2))
                : Space(null);
        return RowCodes.Build(new BlockCoordinates(_vectors, _biases, _items, space), space, _count, blocks);
    }

    private readonly CodedSpace Space(double[]? directions, double restScale = 1) =>
        new(_dimension, directions, BiasScale(directions?.Length / _dimension ?? _dimension), restScale);

    // Biases stand in the codes as a coordinate of the vectors' common size does: a few large vectors must not make
    // them outweigh the rest. Where users are known, the user's coordinate is of the users' common size, and the items'
    // is the smaller for it.
    private readonly float BiasScale(int coordinates)
    {
        if (_biases.IsEmpty || !_biases.ContainsAnyExcept(0f))
        {
            return 0;
        }
        var scale = (float)(
            _users.IsEmpty
                ? Norm(_biases) / Norm(_vectors) * Math.Sqrt(coordinates)
                : UserNorm() / Math.Sqrt(coordinates)
        );
        return float.IsNormal(scale) ? scale : 1;
    }

    // The root of the mean square, of those that are finite.
    private readonly double UserNorm()
    {
        double sum = 0;
        var count = 0;
        for (var user = _users; !user.IsEmpty; user = user[_dimension..])
        {
            if (Norm(user[.._dimension]) is var norm && double.IsFinite(norm))
            {
                (sum, count) = (sum + norm * norm, count + 1);
            }
        }
        return Math.Sqrt(sum / count);
    }

    private static int NotFinite(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }
        return -1;
    }

    private readonly (int[] Items, double[] Norms) NormOrder()
    {
        var items = new int[_count];
        var keys = new (double Norm, int Item)[_count];
        for (var i = 0; i < _count; i++)
        {
            keys[i] = (Norm(_vectors.Slice((i + 1) * _dimension, _dimension)), i + 1);
        }
        Array.Sort(keys, static (a, b) => a.Norm != b.Norm ? b.Norm.CompareTo(a.Norm) : a.Item.CompareTo(b.Item));
        var norms = new double[_count];
        for (var i = 0; i < _count; i++)
        {
            (norms[i], items[i]) = keys[i];
        }
        return (items, norms);
    }

    private static double Norm(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (var value in vector)
        {
            sum += (double)value * value;
        }
        return Math.Sqrt(sum);
    }

    private readonly ReadOnlySpan<float> Vector(int position) =>
        _vectors.Slice(_items[position] * _dimension, _dimension);

    private ItemBlock Quantize(ref BlockCoordinates coordinates, int first, int last, AlignedBuffer<sbyte> panels)
    {
        coordinates.Place(first, last);
        var scale = Math.Max(coordinates.Most / MaxCode, coordinates.MaxNorm / LongestCode);
        double maxError = 0;
        for (var position = first; position < last; position++)
        {
            var own = coordinates.Of(position);
            var panel = panels.Pointer + (long)(position / ItemIndex.PanelItems) * 64 * (_pairs + 1);
            var lane = position % ItemIndex.PanelItems;
            double error = 0,
                codeNorm = 0;
            var sum = 0;
            for (var k = 0; k < own.Length; k++)
            {
                var code = scale == 0 ? 0 : (int)Math.Round(own[k] / scale);
                panel[64 * (1 + k / 2) + 2 * lane + k % 2] = (sbyte)code;
                var off = own[k] - code * scale;
                (error, codeNorm, sum) = (error + off * off, codeNorm + code * code, sum + code);
            }
            ((short*)panel)[lane] = unchecked((short)(-128 * sum));
            maxError = Math.Max(maxError, Math.Sqrt(error));
            _maxCodeNorm = Math.Max(_maxCodeNorm, Math.Sqrt(codeNorm));
        }
        return new ItemBlock(0, 0, coordinates.MaxNorm, scale, maxError, coordinates.MaxRest);
    }
}
