using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Training.Baselines;

namespace StreamRec.Tests.Baselines;

/// <summary>What holds of every kind that `compare` knows.</summary>
public class RankerKindTests
{
    private const int Items = 60;

    public static TheoryData<string> Names => [.. RankerKinds.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rank_is_the_place_in_the_list(string name)
    {
        var random = new Random(3);
        RankingCase[] cases =
        [
            .. Enumerable
                .Range(0, 40)
                .Select(at => new RankingCase(
                    at,
                    (int[])[.. Enumerable.Range(0, at % 6).Select(_ => random.Next(Items)), random.Next(1, Items - 1)],
                    random.Next(1, Items)
                )),
        ];
        foreach (var variant in Kind(name).Variants(Part()))
        {
            var ranker = variant.Fit();
            var eligible = new Eligibility(ExcludeSeen: true, Kept: 4);
            var ranks = new int[cases.Length];
            ranker.Rank(cases, eligible, ranks);
            var top = new int[Items];
            Assert.Equal(name, ranker.Name);
            foreach (var (asked, rank) in cases.Zip(ranks))
            {
                var listed = top[..ranker.List(asked, eligible, top)];
                var place = Array.IndexOf(listed, asked.Target) + 1;
                Assert.Equal(eligible.Allows(asked.History.Span, asked.Target) && asked.Target < Items - 1, place > 0);
                Assert.False(listed.AsSpan().ContainsAny(asked.History.Span[^Math.Min(4, asked.History.Length)..]));

                // Of items that score the same, each has the rank of the last one.
                var all = new int[listed.Length];
                ranker.Rank([.. listed.Select(item => asked with { Target = item })], eligible, all);
                Assert.Equal(place > 0 ? all[place - 1] : rank, rank);
                if (name == "als")
                {
                    // It adds up in another order for a rank than for a list, where neighbours may change places.
                    Assert.All(all.Index(), one => Assert.InRange(one.Item, one.Index - 2, listed.Length));
                    continue;
                }
                Assert.All(all.Index(), one => Assert.InRange(one.Item, one.Index + 1, listed.Length));
                Assert.All(all, one => Assert.Equal(one, all[one - 1]));
                Assert.Equal(all.Order(), all);
            }
        }
    }

    /// <summary>Item 59 is in no sequence: no list holds it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_nobody_clicked_is_in_no_list(string name)
    {
        var ranker = Kind(name).Variants(Part())[0].Fit();
        var top = new int[Items];
        RankingCase asked = new(0, new[] { 3, Items - 1 }, Items - 1);
        var rank = new int[1];

        ranker.Rank([asked], default, rank);

        Assert.Equal(RankingMetrics.Miss, rank[0]);
        Assert.Equal(Items - 2, ranker.List(asked, default, top));
        Assert.DoesNotContain(Items - 1, top);
    }

    [Fact]
    public void Settings_are_chosen_by_what_is_held_out()
    {
        // Each item is followed by the next one. Only the second variant says so.
        var part = SmallRankerTests.Part([.. Enumerable.Range(0, 30).Select(user => Chain(user, 6))]);
        var kind = new RankerKind(
            "markov",
            rest =>
                [
                    new("wrong", () => RankerKinds.All.First(one => one.Name == "popularity").Variants(rest)[0].Fit()),
                    new("right", () => RankerKinds.All.First(one => one.Name == "markov").Variants(rest)[0].Fit()),
                ]
        );

        var (rest, cases) = part.HoldOut(10);
        var choice = RankerChoice.Of(kind, rest, cases, new Eligibility(ExcludeSeen: false, Kept: 9));

        Assert.Equal(10, cases.Count);
        Assert.Equal(10, rest.Sequences.Count(sequence => sequence.Length == 5));
        Assert.All(cases, asked => Assert.Equal(5, asked.History.Length));
        Assert.Equal(1, choice.Variant);
        Assert.InRange(choice.Ndcg10!.Value, 0.9, 1);
    }

    [Fact]
    public void Without_a_held_out_event_the_first_settings_are_taken()
    {
        var part = SmallRankerTests.Part([1, 2], [2, 3]);
        var (rest, cases) = part.HoldOut(10);

        Assert.Empty(cases);
        Assert.Equal(default, RankerChoice.Of(Kind("transitions"), rest, cases, default));
    }

    [Fact]
    public void Ease_of_more_items_than_fit_into_memory_is_not_to_be_had()
    {
        ReadOnlyMemory<int>[] sequences = [new[] { 1, 2, 3 }];
        ReadOnlyMemory<long>[] times = [new[] { 1L, 2L, 3L }];

        Assert.Null(Kind("ease").Missing(new TrainingPart(sequences, times, 20_000)));
        Assert.Contains("20001", Kind("ease-decayed").Missing(new TrainingPart(sequences, times, 20_001)));
        Assert.Contains("--items", Kind("content").Missing(new TrainingPart(sequences, times, 3)));
    }

    /// <summary>Items 1–29 go together, and so do 30–58: who went over to the others gets theirs.</summary>
    [Fact]
    public void Factors_that_forget_answer_with_what_the_newest_events_are_like()
    {
        var variants = Kind("als").Variants(Part());
        RankingCase asked = new(0, new[] { 3, 9, 12, 4, 17, 22, 5, 11, 40, 51 }, 1);
        int[] forgetting = new int[5],
            remembering = new int[5];

        variants.First(one => one.Settings == "τ = 1 events").Fit().List(asked, new(true, 20), forgetting);
        variants.First(one => one.Settings == "whole history").Fit().List(asked, new(true, 20), remembering);

        Assert.All(forgetting, item => Assert.InRange(item, 30, 58));
        Assert.All(remembering, item => Assert.InRange(item, 1, 29));
    }

    private static RankerKind Kind(string name) => RankerKinds.All.First(kind => kind.Name == name);

    private static int[] Chain(int first, int length) =>
        [.. Enumerable.Range(first, length).Select(item => 1 + (item % 20))];

    private static TrainingPart Part()
    {
        var random = new Random(2);
        int[][] sequences =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(user =>
                    Enumerable
                        .Range(0, 12)
                        .Select(_ => user % 2 == 0 ? random.Next(1, 30) : random.Next(30, Items - 1))
                        .ToArray()
                ),
        ];
        var part = SmallRankerTests.Part(sequences);
        var categories = new ItemCategories([
            .. Enumerable.Range(0, Items).Select(item => (string[])(item == 0 ? [] : [item < 30 ? "low" : "high"])),
        ]);
        return new TrainingPart(part.Sequences, part.Times, Items - 1, categories);
    }
}
