using StreamRec.Ranking;

namespace StreamRec.Tests.Ranking;

/// <summary>Passes over keys give what LINQ gives, at every count and with the first bit set or not.</summary>
public class CandidateKeysTests
{
    public static TheoryData<VectorPath> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public unsafe void Equal_the_plain_meaning_at_every_count(VectorPath path)
    {
        var random = new Random(3);
        var memory = stackalloc ulong[300 + CandidateKeys.Padding];
        var ordered = stackalloc ulong[300];
        for (var count = 1; count <= 300; count++)
        {
            // Some far apart, some next to each other; none equal, none 0.
            var keys = Enumerable.Range(0, count)
                .Select(i => random.Next(3) == 0 ? ulong.MaxValue / 2 + (ulong)i : (ulong)random.NextInt64() << random.Next(2) | 1)
                .Distinct().ToArray();
            foreach (var limit in (ulong[])[1, keys[0], keys[^1] + 1, ulong.MaxValue / 2 + 7, ulong.MaxValue])
            {
                keys.CopyTo(new Span<ulong>(memory, 300));
                Assert.Equal(keys.Max(), CandidateKeys.Max(memory, keys.Length, path));
                Assert.Equal(keys.Count(key => key > limit), CandidateKeys.Above(memory, keys.Length, limit, path));
                Assert.Equal(
                    keys.Where(key => key >= limit).DefaultIfEmpty(ulong.MaxValue).Min(),
                    CandidateKeys.LeastFrom(memory, keys.Length, limit, path));
                CandidateKeys.Order(memory, keys.Length, ordered, path);
                Assert.Equal(keys.OrderDescending(), new Span<ulong>(ordered, keys.Length).ToArray());
                var kept = CandidateKeys.Keep(memory, keys.Length, limit, path);
                Assert.Equal(keys.Where(key => key >= limit), new Span<ulong>(memory, kept).ToArray());
            }
        }
    }
}
