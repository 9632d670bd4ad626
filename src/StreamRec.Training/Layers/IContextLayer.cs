using StreamRec.Training.Numerics;

namespace StreamRec.Training.Layers;

/// <summary>Gives each event a vector that knows the events before it. Buffers belong to the instance: one thread at a time.</summary>
internal interface IContextLayer
{
    /// <summary>x [P,D] → h [P,D]; the result is valid until the next call.</summary>
    Block Forward(PackedBatch batch, Block x);

    /// <summary>∂loss/∂h [P,D], which it may overwrite → ∂loss/∂x [P,D]; adds the weights' gradients.</summary>
    Block Backward(PackedBatch batch, Block x, Block dh, Gradients gradients);
}
