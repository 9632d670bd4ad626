using StreamRec.Binary;

namespace StreamRec.Tests.Binary;

public class AheadTests
{
    [Fact]
    public void WhatIsNotThere_IsAskedForWithoutHarm()
    {
        int[] numbers = [1, 2, 3];

        Ahead.Of(null);
        Ahead.Of(numbers, 0, int.MaxValue / 8192);
        Ahead.Of(numbers, int.MaxValue, 1);
        Ahead.OfSpan(ReadOnlySpan<int>.Empty);
        Ahead.Of<int>(null!, int.MinValue, 1);

        Assert.Equal([1, 2, 3], numbers);
    }
}
