using StreamRec.Ranking.Variety;

namespace StreamRec.Tests.Ranking.Variety;

public class BestCandidateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(200)]
    [InlineData(700)]
    public void The_largest_is_found_and_the_first_of_equal_ones(int count)
    {
        var random = new Random(1);
        var best = new BestCandidate();
        for (var round = 0; round < 3; round++, count = Math.Max(1, count / 2))
        {
            var values = best.Begin(count);
            values.Fill(float.NegativeInfinity);
            var expected = new float[count];
            for (var at = 0; at < count; at++)
            {
                values[at] = expected[at] = random.Next(20) - 10;
            }
            best.Ready();
            for (var step = 0; step < 3 * count; step++)
            {
                var place = best.Best();
                Assert.Equal(Array.IndexOf(expected, expected.Max()), place);
                expected[place] = step > 2 * count ? float.NegativeInfinity : expected[place] - random.Next(4);
                best.Set(place, expected[place]);
            }
        }
    }
}
