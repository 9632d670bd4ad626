using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>Sums up, at every event, the states so far. Buffers belong to the instance: one thread at a time.</summary>
internal interface IAttention
{
    /// <summary>
    /// h [P,D] → y [P,D], a weighted mean of the rows so far of the same sequence; valid until the next call.
    /// </summary>
    Matrix Forward(PackedBatch batch, Matrix h);

    /// <summary>Adds to <paramref name="dh"/> what ∂loss/∂y says, and the weights' gradients.</summary>
    void Backward(PackedBatch batch, Matrix h, Matrix dy, Matrix dh, Gradients gradients);
}
