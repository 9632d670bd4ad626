using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;

namespace StreamRec.Training.Losses;

/// <summary>
/// What user vectors are worth against the items that followed. Buffers belong to the instance: one thread at a time.
/// </summary>
internal interface ILoss
{
    /// <summary>∂loss/∂u [P,D] of the last call.</summary>
    Matrix UserGradient { get; }

    /// <summary>The sum of the positions' losses; adds every gradient times <paramref name="scale"/>.</summary>
    /// <param name="seed">Decides what is drawn, if anything is.</param>
    double ForwardBackward(Matrix users, ReadOnlySpan<int> targets, float scale, ulong seed, Gradients gradients);
}
