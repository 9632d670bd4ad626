using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>The elementwise part of one LSTM step for one sequence; D is a multiple of 16.</summary>
internal static unsafe class LstmCell
{
    /// <summary>
    /// gates [4D]: in, the sums z; out, the gates' values i, o, f, g. <paramref name="before"/> is c_(t−1), null for
    /// zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* gates, float* before, float* cell, float* tanhCell, float* hidden, int d)
    {
        for (var k = 0; k < d; k += ActivationKernels.Width)
        {
            var i = ActivationKernels.Sigmoid(Vector512.Load(gates + k));
            var o = ActivationKernels.Sigmoid(Vector512.Load(gates + d + k));
            var f = ActivationKernels.Sigmoid(Vector512.Load(gates + (2 * d) + k));
            var g = ActivationKernels.Tanh(Vector512.Load(gates + (3 * d) + k));
            var c = i * g;
            if (before != null)
            {
                c = Vector512.FusedMultiplyAdd(f, Vector512.Load(before + k), c);
            }
            var t = ActivationKernels.Tanh(c);
            i.Store(gates + k);
            o.Store(gates + d + k);
            f.Store(gates + (2 * d) + k);
            g.Store(gates + (3 * d) + k);
            c.Store(cell + k);
            t.Store(tanhCell + k);
            (o * t).Store(hidden + k);
        }
    }

    /// <summary>
    /// gates: in, their values; out, ∂loss/∂z. dc [D]: in, ∂loss/∂c_t from step t+1; out, ∂loss/∂c_(t−1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* gates, float* before, float* tanhCell, float* dh, float* dc, int d)
    {
        var one = Vector512<float>.One;
        for (var k = 0; k < d; k += ActivationKernels.Width)
        {
            Vector512<float> i = Vector512.Load(gates + k),
                o = Vector512.Load(gates + d + k);
            Vector512<float> f = Vector512.Load(gates + (2 * d) + k),
                g = Vector512.Load(gates + (3 * d) + k);
            Vector512<float> t = Vector512.Load(tanhCell + k),
                h = Vector512.Load(dh + k);
            var c = Vector512.Load(dc + k) + (h * o * (one - (t * t)));
            var old = before != null ? Vector512.Load(before + k) : default;
            (c * g * i * (one - i)).Store(gates + k);
            (h * t * o * (one - o)).Store(gates + d + k);
            (c * old * f * (one - f)).Store(gates + (2 * d) + k);
            (c * i * (one - (g * g))).Store(gates + (3 * d) + k);
            (c * f).Store(dc + k);
        }
    }
}
