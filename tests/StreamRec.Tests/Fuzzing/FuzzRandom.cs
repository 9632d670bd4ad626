namespace StreamRec.Tests.Fuzzing;

/// <summary>Random numbers from a seed (splitmix64), without allocating: one generator an input.</summary>
internal struct FuzzRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 … <paramref name="end"/> − 1; 0 where end is 0.</summary>
    public int Below(int end) => end <= 0 ? 0 : (int)(Next() % (ulong)end);
}
