using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Candidates;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>Passes over keys give what LINQ gives, at every count and with the first bit set or not.</summary>
public class CandidateKeysTests
{
    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public unsafe void Order_at_every_count_with_equal_scores_and_without(InstructionSet path)
    {
        var random = new Random(4);
        var memory = stackalloc ulong[CandidateKeys.MostOrdered + CandidateKeys.Padding];
        var ordered = stackalloc ulong[CandidateKeys.MostOrdered];
        for (var count = 1; count <= CandidateKeys.MostOrdered; count++)
        {
            foreach (var scores in (int[])[1, 7, 1 << 30])
            {
                // Scores above and below zero; the lower half tells equal ones apart.
                var keys = Enumerable
                    .Range(0, count)
                    .Select(i => CandidateList.Key(random.Next(-scores, scores) / 3f, random.Next(1 << 20) * 256 + i))
                    .ToArray();
                keys.CopyTo(new Span<ulong>(memory, count));

                CandidateKeys.Order(memory, count, ordered, path);

                Assert.Equal(keys.OrderDescending(), new Span<ulong>(ordered, count).ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public unsafe void Equal_the_plain_meaning_at_every_count(InstructionSet path)
    {
        var random = new Random(3);
        var memory = stackalloc ulong[300 + CandidateKeys.Padding];
        for (var count = 1; count <= 300; count++)
        {
            // Some far apart, some next to each other; none equal, none 0.
            var keys = Enumerable
                .Range(0, count)
                .Select(i =>
                    random.Next(3) == 0
                        ? ulong.MaxValue / 2 + (ulong)i
                        : (ulong)random.NextInt64() << random.Next(2) | 1
                )
                .Distinct()
                .ToArray();
            foreach (var limit in (ulong[])[1, keys[0], keys[^1] + 1, ulong.MaxValue / 2 + 7, ulong.MaxValue])
            {
                keys.CopyTo(new Span<ulong>(memory, 300));
                Assert.Equal(keys.Max(), CandidateKeys.Max(memory, keys.Length, path));
                Assert.Equal(keys.Count(key => key > limit), CandidateKeys.Above(memory, keys.Length, limit, path));
                Assert.Equal(
                    keys.Where(key => key >= limit).DefaultIfEmpty(ulong.MaxValue).Min(),
                    CandidateKeys.LeastFrom(memory, keys.Length, limit, path)
                );
                var kept = CandidateKeys.Keep(memory, keys.Length, limit, path);
                Assert.Equal(keys.Where(key => key >= limit), new Span<ulong>(memory, kept).ToArray());
            }
        }
    }
}
