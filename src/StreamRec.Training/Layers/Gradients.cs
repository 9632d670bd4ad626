using StreamRec.Training.Numerics;

namespace StreamRec.Training.Layers;

/// <summary>One shard's gradients: a block for each parameter, in the parameters' order.</summary>
internal sealed class Gradients(IReadOnlyList<Parameter> parameters)
{
    private readonly Block[] _blocks = parameters.Select(p => new Block(p.Value.Rows, p.Value.Cols)).ToArray();

    public Block this[Parameter parameter] => _blocks[parameter.Index];

    public void Clear() => Array.ForEach(_blocks, block => block.Clear());
}
