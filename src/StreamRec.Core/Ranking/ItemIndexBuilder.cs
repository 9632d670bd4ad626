using System.Numerics.Tensors;

namespace StreamRec.Ranking;

/// <summary>Lays out an <see cref="ItemIndex"/>.</summary>
internal unsafe ref struct ItemIndexBuilder
{
    /// <summary>The largest item code: two products with 255 still fit into int16.</summary>
    private const int MaxCode = 63;

    private readonly ReadOnlySpan<float> _vectors;
    private readonly ReadOnlySpan<float> _biases;
    private readonly int _dimension;
    private readonly int _count;
    private readonly float _biasScale;
    private readonly int _pairs;
    private double _maxCodeNorm;

    public ItemIndexBuilder(ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> biases)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        _vectors = vectors;
        _dimension = dimension;
        _biases = biases;
        _count = vectors.Length / dimension - 1;
        if (_count < 0 || vectors.Length != (long)(_count + 1) * dimension || (!biases.IsEmpty && biases.Length != _count + 1))
        {
            throw new ArgumentException($"{vectors.Length} floats are no rows of {dimension}, or {biases.Length} biases are not one a row.");
        }
        if (NotFinite(vectors) is >= 0 and var bad)
        {
            throw new ArgumentException($"The vector of item {bad / dimension} holds a value that is not finite.");
        }
        if (NotFinite(biases) is >= 0 and var badBias)
        {
            throw new ArgumentException($"The bias of item {badBias} is not finite.");
        }
        _biasScale = BiasScaleOf(vectors, biases);
        var width = dimension + (_biasScale > 0 ? 1 : 0);
        _pairs = (width + 1) / 2;
    }

    public ItemIndex Build()
    {
        var (items, norms) = NormOrder();
        var padded = CanonicalScore.Padded(_dimension);
        var rows = new AlignedBuffer<float>((long)_count * padded);
        float[]? biases = _biases.IsEmpty ? null : new float[_count];
        for (var position = 0; position < _count; position++)
        {
            _vectors.Slice(items[position] * _dimension, _dimension).CopyTo(rows.Span((long)position * padded, _dimension));
            if (biases is not null)
            {
                biases[position] = _biases[items[position]];
            }
        }
        var blocks = new ItemBlock[(_count + ItemIndex.BlockItems - 1) / ItemIndex.BlockItems];
        var panels = new AlignedBuffer<sbyte>((long)blocks.Length * ItemIndex.BlockPanels * 64 * (_pairs + 1));
        var maxBias = double.NegativeInfinity;
        for (var block = blocks.Length - 1; block >= 0; block--)
        {
            var first = block * ItemIndex.BlockItems;
            var last = Math.Min(_count, first + ItemIndex.BlockItems);
            for (var position = first; position < last; position++)
            {
                maxBias = Math.Max(maxBias, biases is null ? 0 : biases[position]);
            }
            blocks[block] = Quantize(items, first, last, panels) with { MaxNorm = norms[first], MaxBias = maxBias };
        }
        return new ItemIndex(_dimension, items, rows, biases, _biasScale, panels, _pairs, blocks, _maxCodeNorm);
    }

    // Biases use as much of the codes' range as the vectors do.
    private static float BiasScaleOf(ReadOnlySpan<float> vectors, ReadOnlySpan<float> biases)
    {
        var most = biases.IsEmpty ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude(biases));
        if (most == 0)
        {
            return 0;
        }
        var coordinate = MathF.Abs(TensorPrimitives.MaxMagnitude(vectors));
        var scale = coordinate == 0 ? 1 : most / coordinate;
        return float.IsNormal(scale) ? scale : 1;
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

    private ItemBlock Quantize(int[] items, int first, int last, AlignedBuffer<sbyte> panels)
    {
        var width = _dimension + (_biasScale > 0 ? 1 : 0);
        double most = 0;
        for (var position = first; position < last; position++)
        {
            for (var k = 0; k < width; k++)
            {
                most = Math.Max(most, Math.Abs(Entry(items[position], k)));
            }
        }
        var scale = most / MaxCode;
        double maxError = 0, maxNorm = 0;
        for (var position = first; position < last; position++)
        {
            var panel = panels.Pointer + (long)(position / ItemIndex.PanelItems) * 64 * (_pairs + 1);
            var lane = position % ItemIndex.PanelItems;
            double error = 0, norm = 0, codeNorm = 0;
            var sum = 0;
            for (var k = 0; k < width; k++)
            {
                var value = Entry(items[position], k);
                var code = scale == 0 ? 0 : (int)Math.Round(value / scale);
                panel[64 * (1 + k / 2) + 2 * lane + k % 2] = (sbyte)code;
                var off = value - code * scale;
                (error, norm, codeNorm, sum) = (error + off * off, norm + value * value, codeNorm + code * code, sum + code);
            }
            ((short*)panel)[lane] = unchecked((short)(-128 * sum));
            maxError = Math.Max(maxError, Math.Sqrt(error));
            maxNorm = Math.Max(maxNorm, Math.Sqrt(norm));
            _maxCodeNorm = Math.Max(_maxCodeNorm, Math.Sqrt(codeNorm));
        }
        return new ItemBlock(0, 0, maxNorm, scale, maxError);
    }

    private readonly double Entry(int item, int k) =>
        k < _dimension ? _vectors[item * _dimension + k] : _biases[item] / (double)_biasScale;
}
