using StreamRec.Numerics.Memory;

namespace StreamRec.Tests.Numerics;

public class PrefetchTests
{
    [Fact]
    public void WhatIsNotThere_IsAskedForWithoutHarm()
    {
        int[] numbers = [1, 2, 3];

        Prefetch.Of(null);
        Prefetch.Of(numbers, 0, int.MaxValue / 8192);
        Prefetch.Of(numbers, int.MaxValue, 1);
        Prefetch.OfSpan(ReadOnlySpan<int>.Empty);
        Prefetch.Of<int>(null!, int.MinValue, 1);

        Assert.Equal([1, 2, 3], numbers);
    }
}
