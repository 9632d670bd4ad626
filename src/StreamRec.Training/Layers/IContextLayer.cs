using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// Gives each event a vector that knows the events before it. Buffers belong to the instance: one thread at a time.
/// </summary>
internal interface IContextLayer
{
    /// <summary>x [P,D] → h [P,D]; the result is valid until the next call.</summary>
    Matrix Forward(PackedBatch batch, Matrix x);

    /// <summary>∂loss/∂h [P,D], which it may overwrite → ∂loss/∂x [P,D]; adds the weights' gradients.</summary>
    Matrix Backward(PackedBatch batch, Matrix x, Matrix dh, Gradients gradients);
}
