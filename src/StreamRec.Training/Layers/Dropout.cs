using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// Sets a share of the values to zero and scales the rest by 1/(1−rate). The mask depends on the seed and the shape
/// only.
/// </summary>
internal sealed unsafe class Dropout(float rate)
{
    private readonly Matrix _mask = new();

    /// <summary>x ← x ⊙ mask, with a fresh mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(Matrix x, ulong seed)
    {
        if (rate <= 0f)
        {
            return;
        }
        _mask.Resize(x.Rows, x.Cols);
        var scale = 1f / (1f - rate);
        var threshold = (uint)(rate * 65536f);
        var state = seed;
        for (var k = 0; k < x.Length; k += 4)
        {
            // SplitMix64: four 16-bit draws from each word.
            state += 0x9E3779B97F4A7C15UL;
            var bits = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
            bits ^= bits >> 31;
            for (var part = 0; part < 4; part++, bits >>= 16)
            {
                _mask.Data[k + part] = (bits & 0xFFFF) < threshold ? 0f : scale;
            }
        }
        Backward(x);
    }

    /// <summary>
    /// As <see cref="Forward"/>, but whole rows are dropped, and what stays is not scaled: an event that never
    /// happened.
    /// </summary>
    public void ForwardRows(Matrix x, ulong seed)
    {
        if (rate <= 0f)
        {
            return;
        }
        _mask.Resize(x.Rows, x.Cols);
        var threshold = (uint)(rate * 65536f);
        var state = seed;
        for (var row = 0; row < x.Rows; row++)
        {
            state += 0x9E3779B97F4A7C15UL;
            var bits = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
            _mask.RowSpan(row).Fill(((bits ^ (bits >> 31)) & 0xFFFF) < threshold ? 0f : 1f);
        }
        Backward(x);
    }

    /// <summary>dx ← dx ⊙ mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(Matrix dx)
    {
        for (var k = 0; rate > 0f && k < dx.Length; k += ActivationKernels.Width)
        {
            (Vector512.Load(dx.Data + k) * Vector512.Load(_mask.Data + k)).Store(dx.Data + k);
        }
    }
}
