using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Instructions;

/// <summary>Which instructions the ranking uses. Every path gives the same results in every bit.</summary>
public enum InstructionSet
{
    /// <summary>No vector instructions: right, and slow.</summary>
    Plain,

    /// <summary>256 bits: AVX2 and FMA.</summary>
    Avx2,

    /// <summary>512 bits: AVX-512 F and BW, and VBMI2 where it is there.</summary>
    Avx512,
}

/// <summary>What this processor can do.</summary>
public static class InstructionSets
{
    /// <summary>The widest path of this processor, as far as the runtime was not told to leave it unused.</summary>
    public static InstructionSet Best =>
        IsSupported(InstructionSet.Avx512) ? InstructionSet.Avx512
        : IsSupported(InstructionSet.Avx2) ? InstructionSet.Avx2
        : InstructionSet.Plain;

    public static bool IsSupported(InstructionSet path) =>
        path switch
        {
            InstructionSet.Avx512 => Avx512BW.IsSupported,
            InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
            _ => true,
        };
}
