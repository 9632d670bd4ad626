using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Thresholds;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>Passes over a sample's scores give what LINQ gives, at every length and limit.</summary>
public unsafe class SampledScoresTests
{
    private const int Most = 40 * SampledScores.Run;

    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public void Scale_by_any_factor_rounds_to_the_nearest(InstructionSet path)
    {
        foreach (var factor in (short[])[0, 1, 12_345, SampledScores.One / 2, SampledScores.One - 1])
        {
            var scores = Scores(Most);
            var scaled = new PinnedBuffer<short>(Most);
            scores.CopyTo(scaled.Span);

            SampledScores.Scale(scaled.Pointer, Most, factor, path);

            Assert.Equal(
                scores.Select(score => (short)Math.Floor(score * (double)factor / SampledScores.One + 0.5)),
                scaled.Span.ToArray()
            );
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Count_and_collect_what_reaches_a_limit(InstructionSet path)
    {
        for (var count = SampledScores.Run; count <= Most; count += SampledScores.Run)
        {
            var scores = Scores(count);
            var (all, reached) = (
                new PinnedBuffer<short>(count),
                new PinnedBuffer<short>(count + SampledScores.Run + 1)
            );
            scores.CopyTo(all.Span);
            foreach (
                var least in (short[])[short.MinValue, -7, 0, scores[3], (short)(scores.Max() - 1), short.MaxValue]
            )
            {
                var collected = SampledScores.Collect(all.Pointer, count, least, reached.Pointer, path);

                Assert.Equal(0, reached.Span[^1]);
                Assert.Equal(scores.Where(score => score >= least), reached.Span[..collected].ToArray());
                foreach (var part in (int[])[1, 3, 4])
                {
                    Assert.Equal(
                        scores.Where((score, i) => i / SampledScores.Run % part == 0 && score >= least).Count(),
                        SampledScores.AtLeast(all.Pointer, count, part, least, path)
                    );
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Mark_what_is_above_a_limit(InstructionSet path)
    {
        var scores = Scores(Most);
        var all = new PinnedBuffer<short>(Most);
        scores.CopyTo(all.Span);
        var bits = new uint[Most / SampledScores.Run];
        foreach (var limit in (short[])[short.MinValue, -7, 0, scores[3], short.MaxValue])
        {
            fixed (uint* words = bits)
            {
                SampledScores.Above(all.Pointer, bits.Length, limit, words, path);
            }
            Assert.Equal(
                all.Span.ToArray().Select(score => score > limit),
                scores.Select((_, i) => (bits[i / SampledScores.Run] >> i & 1) != 0)
            );
        }
    }

    // Some at the ends of the range.
    private static short[] Scores(int count)
    {
        var random = new Random(count);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                    random.Next(20) == 0
                        ? random.Next(2) == 0
                            ? short.MinValue
                            : short.MaxValue
                        : (short)random.Next(-300, 300)
                ),
        ];
    }
}
