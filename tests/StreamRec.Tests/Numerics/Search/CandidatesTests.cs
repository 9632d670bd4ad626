using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Candidates;

namespace StreamRec.Tests.Numerics.Search;

public class CandidatesTests
{
    /// <summary>
    /// What is expected is reached by an item that scores just that, whichever it is, and by none that scores less.
    /// </summary>
    [Theory]
    [InlineData(5f)]
    [InlineData(0f)]
    [InlineData(-5f)]
    [InlineData(1e-30f)]
    public void An_item_that_scores_what_is_expected_is_a_candidate(float score)
    {
        foreach (var path in Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported))
        {
            foreach (var threshold in (double[])[score, (score + (double)MathF.BitDecrement(score)) / 2])
            {
                var best = new CandidateList(path);
                best.Begin(10);
                best.Expect(threshold);
                foreach (var item in (int[])[1, 77, int.MaxValue - 1])
                {
                    best.Add(CandidateList.Key(score, item));
                    best.Add(CandidateList.Key(MathF.BitDecrement(MathF.BitDecrement(score)), item));
                }
                var (items, scores) = (new int[10], new float[10]);

                Assert.Equal(3, best.Write(items, scores));

                Assert.Equal([1, 77, int.MaxValue - 1], items[..3]);
                Assert.All(scores[..3], found => Assert.Equal(score, found));
            }
        }
    }
}
