using StreamRec.Training.Numerics;

namespace StreamRec.Training.Layers;

/// <summary>One shard's gradients: a block for each parameter, in the parameters' order.</summary>
/// <remarks>Of a sparse parameter only touched rows may be other than zero; they are listed once each.</remarks>
internal sealed class Gradients
{
    private readonly Block[] _blocks;
    private readonly Parameter? _sparse;
    private readonly List<int> _touched = [];
    private readonly bool[] _isTouched = [];

    public Gradients(IReadOnlyList<Parameter> parameters)
    {
        _blocks = [.. parameters.Select(p => new Block(p.Value.Rows, p.Value.Cols))];
        _sparse = parameters.FirstOrDefault(p => p.Sparse);
        _isTouched = new bool[_sparse?.Value.Rows ?? 0];
    }

    public Block this[Parameter parameter] => _blocks[parameter.Index];

    /// <summary>The touched rows of the sparse parameter, in the order of their first touch.</summary>
    public ReadOnlySpan<int> Touched => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_touched);

    /// <summary>To be called before a row of a parameter is added to; rows of dense parameters need no list.</summary>
    public void Touch(Parameter parameter, int row)
    {
        if (parameter == _sparse && !_isTouched[row])
        {
            _isTouched[row] = true;
            _touched.Add(row);
        }
    }

    public void Clear()
    {
        foreach (Block block in _blocks)
        {
            if (_sparse is null || block != _blocks[_sparse.Index])
            {
                block.Clear();
            }
        }

        foreach (int row in _touched)
        {
            _blocks[_sparse!.Index].RowSpan(row).Clear();
            _isTouched[row] = false;
        }

        _touched.Clear();
    }
}
