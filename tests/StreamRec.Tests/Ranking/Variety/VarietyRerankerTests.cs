using StreamRec.Models;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Likeness;
using StreamRec.Ranking.Variety;

namespace StreamRec.Tests.Ranking.Variety;

/// <summary>
/// The greedy choice says which items stand in the first places, the score in which order: as a plain loop over the
/// definition has it, on every path.
/// </summary>
public class VarietyRerankerTests
{
    private const int Items = 320,
        Dimension = 20;

    private static readonly string[] s_names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    public static TheoryData<InstructionSet, float, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<InstructionSet, float, int, int, int>();
            foreach (var path in Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported))
            {
                cases.Add(path, .5f, 10, 10, 200);
                cases.Add(path, 1, 10, 100, 200);
                cases.Add(path, .1f, 100, 100, 200);
                cases.Add(path, .7f, 20, 100, 143);
                cases.Add(path, .5f, 150, 200, 300);
                cases.Add(path, .5f, 10, 300, 300);
                cases.Add(path, 1, 7, 9, 8);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Chooses_by_the_definition_and_orders_by_score(
        InstructionSet instructions,
        float dial,
        int varied,
        int places,
        int candidates
    )
    {
        var random = new Random(5);
        foreach (var withCategories in (bool[])[true, false])
        {
            var tables = Tables(random, withCategories);
            var path = DialPath.At(dial);
            var reranker = new VarietyReranker(tables, path, varied, instructions);
            for (var round = 0; round < 4; round++)
            {
                // The same one again, with fewer candidates and users without a history: it keeps its memory.
                int[] items = [.. Draw(random, candidates - round)];
                // Few different scores: equal ones are chosen as they lie.
                float[] scores = [.. items.Select(_ => random.Next(50) / 7f).OrderDescending()];
                int[] history = round == 2 ? [0] : [.. Draw(random, 40), 0, 3, 3];
                var expected = Define(tables, path, varied, history, items, scores, Math.Min(varied, places));
                int[] list = [.. items];

                var count = reranker.Choose(history, list, scores, places);

                var chosen = expected.Order().Concat(Enumerable.Range(0, items.Length).Except(expected)).Take(places);
                Assert.Equal(chosen.Select(at => items[at]), list[..count]);
            }
        }
    }

    [Fact]
    public void Near_copies_and_what_is_common_make_room_and_scores_stay_with_their_items()
    {
        float[] vectors = new float[2 * 301];
        var counts = new long[301];
        for (var item = 1; item <= 300; item++)
        {
            // The first 100 are alike, and common.
            (vectors[2 * item], vectors[(2 * item) + 1]) = item <= 100 ? (1, .001f * item) : (0, 1);
            counts[item] = item <= 100 ? 1000 : 1;
        }
        int[] items = [.. Enumerable.Range(1, 200)];
        float[] scores = [.. items.Select(item => 300f - item)];

        var count = new VarietyReranker(new VarietyTables(vectors, 2, counts, null), DialPath.At(1), 2).Choose(
            [],
            items,
            scores,
            3
        );

        Assert.Equal([1, 101, 2], items[..count]);
        Assert.Equal([299f, 199f, 298f], scores[..count]);
    }

    [Fact]
    public void The_users_categories_are_listed_as_they_were_taken()
    {
        var categories = new ItemCategories([
            [],
            .. Enumerable.Range(1, 300).Select(item => (string[])[IsRare(item) ? "rare" : "common"]),
        ]);
        var tables = new VarietyTables(new float[301], 1, new long[301], categories);
        int[] items = [.. Enumerable.Range(1, 200)];
        float[] scores = [.. items.Select(item => -.001f * item)],
            same = [.. scores];
        int[] history = [250, 252, 254, 256, 258, 251, 253, 255, 257, 259];

        new VarietyReranker(tables, DialPath.At(1), 10).Choose(history, items, scores, 10);

        // Of the best ten none is rare, as half of what was taken is.
        Assert.InRange(items[..10].Count(IsRare), 4, 5);
        // Who has no history, or none with a category, gets the best.
        int[] best = [.. Enumerable.Range(1, 200)];
        new VarietyReranker(tables, DialPath.At(1), 10).Choose([0], best, same, 10);
        Assert.Equal(Enumerable.Range(1, 10), best[..10]);

        static bool IsRare(int item) => item > 10 && item % 2 == 0;
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(0f)]
    public void Scores_that_cannot_be_compared_leave_a_list_whole(float most)
    {
        var random = new Random(7);
        int[] items = [.. Draw(random, 200)],
            before = [.. items];
        float[] scores = [.. items.Select((_, at) => at < 100 ? most : -most)];

        Assert.Equal(
            20,
            new VarietyReranker(Tables(random, true), DialPath.At(1), 10).Choose(before[..50], items, scores, 20)
        );

        Assert.Equal(20, items[..20].Distinct().Count());
        Assert.Equal(items[..10].OrderBy(item => Array.IndexOf(before, item)), items[..10]);
    }

    [Fact]
    public void A_list_allocates_nothing()
    {
        var random = new Random(6);
        var reranker = new VarietyReranker(Tables(random, true), DialPath.At(.5f), 100);
        int[] items = [.. Draw(random, 200)],
            history = [.. Draw(random, 50)];
        float[] scores = [.. items.Select((_, at) => -.1f * at)];
        reranker.Choose(history, items, scores, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var list = 0; list < 20; list++)
        {
            reranker.Choose(history, items, scores, 100);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static IEnumerable<int> Draw(Random random, int count) =>
        Enumerable.Range(1, Items).OrderBy(_ => random.Next()).Take(count);

    private static VarietyTables Tables(Random random, bool withCategories) =>
        new(
            [.. new float[Dimension], .. Enumerable.Range(0, Items * Dimension).Select(_ => (float)random.Next(-2, 3))],
            Dimension,
            [0, .. Enumerable.Range(0, Items).Select(_ => (long)random.Next(1000))],
            withCategories
                ? new ItemCategories([
                    [],
                    .. Enumerable.Range(0, Items).Select(_ => (string[])[.. s_names.Where(_ => random.Next(4) == 0)]),
                ])
                : null
        );

    // Places among the candidates, as they are chosen: all values of all of them, every time anew.
    private static List<int> Define(
        VarietyTables tables,
        DialPath path,
        int varied,
        int[] history,
        int[] items,
        float[] scores,
        int places
    )
    {
        var chosen = new List<int>();
        var last = Math.Min(items.Length, Math.Max(200, 2 * places));
        while (chosen.Count < Math.Min(places, last))
        {
            chosen.Add(Enumerable.Range(0, last).Except(chosen).MaxBy(Value));
        }
        return chosen;

        float Value(int at)
        {
            var closest = chosen.Select(other => Product(tables, items[at], items[other])).Append(0).Max();
            var worth = (scores[at] - scores[last - 1]) * (1 / (scores[0] - scores[last - 1]));
            var value =
                worth
                - (path.Popularity * tables.Popularity(items[at]))
                - (path.Likeness * (closest * 1f / UnitCodes.One));
            return tables.Categories is null || history.All(item => tables.Categories.Of(item).IsEmpty)
                ? value
                : value + (path.Balance * varied / 10 * Gain(tables, varied, history, items, chosen, at));
        }
    }

    private static float Gain(
        VarietyTables tables,
        int varied,
        int[] history,
        int[] items,
        List<int> chosen,
        int candidate
    )
    {
        var balance = new CategoryBalance(tables.Categories!, varied);
        balance.Begin(history, items);
        chosen.ForEach(balance.Take);
        return balance.Gains[candidate] * CategoryBalance.Unit;
    }

    private static int Product(VarietyTables tables, int x, int y)
    {
        var sum = 0;
        for (var at = 0; at < tables.Width; at++)
        {
            sum += tables.Code(x)[at] * tables.Code(y)[at];
        }
        return sum;
    }
}
