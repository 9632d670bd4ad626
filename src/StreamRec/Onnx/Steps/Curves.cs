using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Onnx.Steps;

/// <summary>The trainer's curves over lengths that are multiples of <see cref="ActivationKernels.Width"/>.</summary>
internal static unsafe class Curves
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exp(float* x, float* y, int length)
    {
        for (var at = 0; at < length; at += ActivationKernels.Width)
        {
            ActivationKernels.Exp(Vector512.Load(x + at)).Store(y + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sigmoid(float* x, float* y, int length)
    {
        for (var at = 0; at < length; at += ActivationKernels.Width)
        {
            ActivationKernels.Sigmoid(Vector512.Load(x + at)).Store(y + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tanh(float* x, float* y, int length)
    {
        for (var at = 0; at < length; at += ActivationKernels.Width)
        {
            ActivationKernels.Tanh(Vector512.Load(x + at)).Store(y + at);
        }
    }
}
