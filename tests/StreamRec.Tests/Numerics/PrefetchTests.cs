using StreamRec.Numerics.Memory;

namespace StreamRec.Tests.Numerics;

public class PrefetchTests
{
    [Fact]
    public void WhatIsNotThere_IsAskedForWithoutHarm()
    {
        int[] numbers = [1, 2, 3];

        CpuPrefetch.Of(null);
        CpuPrefetch.Of(numbers, 0, int.MaxValue / 8192);
        CpuPrefetch.Of(numbers, int.MaxValue, 1);
        CpuPrefetch.OfSpan(ReadOnlySpan<int>.Empty);
        CpuPrefetch.Of<int>(null!, int.MinValue, 1);

        Assert.Equal([1, 2, 3], numbers);
    }
}
