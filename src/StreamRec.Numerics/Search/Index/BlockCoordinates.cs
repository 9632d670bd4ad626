using System.Numerics.Tensors;
using StreamRec.Numerics.Search.Directions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>The coordinates of a block's items in a <see cref="CodedSpace"/>, and how large they are.</summary>
internal ref struct BlockCoordinates
{
    private readonly ReadOnlySpan<float> _vectors;
    private readonly ReadOnlySpan<float> _biases;
    private readonly int[] _items;
    private readonly CodedSpace _space;
    private readonly int _dimension;
    private readonly double[] _values;
    private readonly double[] _copy;
    private int _first;

    /// <param name="vectors">[N+1,D].</param>
    /// <param name="biases">[N+1], or empty.</param>
    /// <param name="items">Position → item.</param>
    /// <param name="space">What coordinates are.</param>
    public BlockCoordinates(ReadOnlySpan<float> vectors, ReadOnlySpan<float> biases, int[] items, CodedSpace space)
    {
        _vectors = vectors;
        _biases = biases;
        (_items, _space) = (items, space);
        _dimension = vectors.Length / (items.Length + 1);
        _values = new double[Math.Min(items.Length, ItemIndex.BlockItems) * space.Width];
        _copy = new double[_dimension];
    }

    /// <summary>The largest |coordinate|.</summary>
    public double Most { get; private set; }

    /// <summary>The largest ‖v'‖.</summary>
    public double MaxNorm { get; private set; }

    /// <summary>The largest coordinate for the rest; 0 where there is none.</summary>
    public double MaxRest { get; private set; }

    /// <summary>Places the items of some positions that follow each other.</summary>
    public void Place(int first, int last)
    {
        (_first, Most, MaxNorm, MaxRest) = (first, 0, 0, 0);
        for (var position = first; position < last; position++)
        {
            var item = _items[position];
            var own = _values.AsSpan((position - first) * _space.Width, _space.Width);
            _space.PlaceItem(
                _vectors.Slice(item * _dimension, _dimension),
                _biases.IsEmpty ? 0 : _biases[item],
                own,
                _copy
            );
            Most = Math.Max(Most, Math.Abs(TensorPrimitives.MaxMagnitude<double>(own)));
            MaxNorm = Math.Max(MaxNorm, TensorPrimitives.Norm<double>(own));
            MaxRest = _space.RestAt < 0 ? 0 : Math.Max(MaxRest, own[_space.RestAt]);
        }
    }

    /// <summary>The coordinates of one of the positions.</summary>
    public readonly ReadOnlySpan<double> Of(int position) =>
        _values.AsSpan((position - _first) * _space.Width, _space.Width);
}
