using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>One shard's gradients: a block for each parameter, in the parameters' order.</summary>
/// <remarks>
/// Of a sparse parameter only the rows that were touched take memory, so that a million items cost no more than a batch
/// does.
/// </remarks>
internal sealed class Gradients
{
    private const int FirstRows = 1024;
    private readonly Matrix[] _blocks;
    private readonly Parameter? _sparse;
    private readonly List<int> _touched = [];
    private readonly int[] _place = [];
    private Matrix _rows = new();

    public Gradients(IReadOnlyList<Parameter> parameters)
    {
        _sparse = parameters.FirstOrDefault(p => p.Sparse);
        _blocks = [.. parameters.Select(p => p.Sparse ? new Matrix() : new Matrix(p.Value.Rows, p.Value.Cols))];
        _place = new int[_sparse?.Value.Rows ?? 0];
        _rows.Resize(_sparse is null ? 0 : FirstRows, _sparse?.Value.Cols ?? 0);
    }

    /// <summary>The gradient of a dense parameter.</summary>
    public Matrix this[Parameter parameter] => _blocks[parameter.Index];

    /// <summary>The touched rows of the sparse parameter, in the order of their first touch.</summary>
    public ReadOnlySpan<int> Touched => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_touched);

    /// <summary>A row of any parameter's gradient, to be added to; valid until another row is asked for.</summary>
    public unsafe float* Row(Parameter parameter, int row)
    {
        if (parameter != _sparse)
        {
            return _blocks[parameter.Index].Row(row);
        }
        if (_place[row] == 0)
        {
            if (_touched.Count == _rows.Rows)
            {
                var more = new Matrix();
                more.Resize(2 * _rows.Rows, _rows.Cols);
                _rows.Span.CopyTo(more.Span);
                _rows = more;
            }
            _rows.RowSpan(_touched.Count).Clear();
            _touched.Add(row);
            _place[row] = _touched.Count;
        }
        return _rows.Row(_place[row] - 1);
    }

    public void Clear()
    {
        foreach (var block in _blocks)
        {
            block.Clear();
        }
        foreach (var row in _touched)
        {
            _place[row] = 0;
        }
        _touched.Clear();
    }
}
