using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>Which instructions the ranking uses. Every path gives the same results in every bit.</summary>
public enum VectorPath
{
    /// <summary>No vector instructions: right, and slow.</summary>
    Plain,

    /// <summary>256 bits: AVX2 and FMA.</summary>
    Avx2,

    /// <summary>512 bits: AVX-512 F and BW, and VBMI2 where it is there.</summary>
    Avx512,
}

/// <summary>What this processor can do.</summary>
public static class VectorPaths
{
    /// <summary>The widest path of this processor, as far as the runtime was not told to leave it unused.</summary>
    public static VectorPath Best =>
        IsSupported(VectorPath.Avx512) ? VectorPath.Avx512 : IsSupported(VectorPath.Avx2) ? VectorPath.Avx2 : VectorPath.Plain;

    public static bool IsSupported(VectorPath path) => path switch
    {
        VectorPath.Avx512 => Avx512BW.IsSupported,
        VectorPath.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
