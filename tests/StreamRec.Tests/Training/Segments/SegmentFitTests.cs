using StreamRec.Events;
using StreamRec.Training.Data;
using StreamRec.Training.Segments;

namespace StreamRec.Tests.Training.Segments;

/// <summary>Lists for users of whom segments alone are known.</summary>
public sealed class SegmentFitTests
{
    [Fact]
    public void The_kind_that_tells_tastes_apart_pays_and_the_others_are_left_out()
    {
        var data = Tastes();

        var fit = SegmentFit.Of(data.Sequences, data.Times, data.Segments, data.Items)!;

        Assert.Equal(["taste", "coin"], fit.Kinds.Select(kind => kind.Kind));
        Assert.Equal([true, false], fit.Kinds.Select(kind => kind.Pays));
        Assert.True(fit.Kinds[0].Gain > 0.1, $"{fit.Kinds[0].Gain}");
        Assert.Equal(["taste:left", "taste:right"], fit.Lists.Select(list => list.Segment).Order());
        foreach (var list in fit.Lists)
        {
            var left = list.Segment == "taste:left";
            Assert.All(list.Items.Take(5), item => Assert.Equal(left, item <= 20));
            Assert.Equal(list.Scores.OrderDescending(), list.Scores);
        }
        Assert.Contains(fit.ByName(), figure => figure is { Key: "segments.taste.gain.ndcg@10", Value: > 0.1 });
    }

    [Fact]
    public void Scores_are_the_segments_shares_drawn_to_those_of_all()
    {
        var data = Tastes();
        var counts = new SegmentCounts(data.Sequences, data.Segments, data.Items);

        var list = counts.Lists(["taste"])[0];

        var own = Enumerable.Range(0, data.Sequences.Count).Where(u => data.Segments[u][0] == list.Segment).ToArray();
        var events = own.SelectMany(user => data.Sequences[user].ToArray()).ToArray();
        Assert.Equal((own.Length, events.Length), (list.Users, list.Events));
        foreach (var (item, score) in list.InOrder([]))
        {
            var share =
                (events.Count(other => other == item) + (200.0 * counts.All[item] / data.Events))
                / (events.Length + 200.0);
            Assert.Equal(share * events.Length, score, 1e-2);
        }
    }

    /// <summary>Else the user's own first events would be told in advance.</summary>
    [Fact]
    public void A_user_who_is_judged_is_not_in_the_list()
    {
        var data = Tastes();
        var all = new SegmentCounts(data.Sequences, data.Segments, data.Items);
        foreach (var user in (int[])[0, 7, 100])
        {
            var others = data.Sequences.Select((own, at) => at == user ? default : own).ToArray();
            var without = new SegmentCounts(others, data.Segments, data.Items);
            foreach (var segment in (string?[])[null, data.Segments[user][0]])
            {
                var (left, expected) = (new float[data.Items + 1], new float[data.Items + 1]);
                all.Score(segment, data.Sequences[user].Span, left);
                without.Score(segment, [], expected);
                Assert.All(left.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
            }
        }
    }

    [Theory]
    [InlineData(49, 20, false)]
    [InlineData(50, 9, false)]
    [InlineData(50, 10, true)]
    public void A_list_of_few_people_or_events_is_not_made(int users, int events, bool there)
    {
        var data = SequenceData.From(
            Enumerable
                .Range(0, users * events)
                .Select(at => new ClickEvent($"e{at}", $"u{at % users}", $"i{at % 3}", "click", at, Segments: ["a:1"]))
        );
        var counts = new SegmentCounts(data.Sequences, data.Segments, data.Items);

        Assert.Equal(there, counts.Has("a:1"));
        Assert.Equal(there ? 1 : 0, counts.Lists(["a"]).Count);
        Assert.Equal(there, SegmentFit.Of(data.Sequences, data.Times, data.Segments, data.Items) is not null);
    }

    /// <summary>Else a short half-life would tell what the last few did.</summary>
    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    public void With_a_half_life_users_are_counted_who_came_of_late(int recent, bool there)
    {
        const int Day = 86_400_000;
        var data = SequenceData.From(
            Enumerable
                .Range(0, 100 * 10)
                .Select(at =>
                {
                    var day = at % 100 < recent ? 10 : 7;
                    return new ClickEvent(
                        $"e{at}",
                        $"u{at % 100}",
                        $"i{at % 3}",
                        "click",
                        day * Day + at,
                        Segments: ["a:1"]
                    );
                })
        );
        var half = TimeSpan.FromDays(1);
        var counts = new SegmentCounts(data.Sequences, data.Times, data.Segments, data.Items, 10 * Day + 1000, half);

        Assert.Equal(there, counts.Has("a:1"));
        Assert.True(new SegmentCounts(data.Sequences, data.Segments, data.Items).Has("a:1"));
    }

    [Fact]
    public void With_a_half_life_the_lists_are_of_what_segments_take_now()
    {
        // Another half of a taste's items each two days; users come one after the other.
        const long Day = 86_400_000;
        var random = new Random(3);
        var data = SequenceData.From(
            Enumerable
                .Range(0, 600 * 10)
                .Select(at =>
                {
                    var (user, left, late) = (at / 10, at / 10 % 2 == 0, at >= 3000);
                    var item = (left ? 0 : 20) + (late ? 10 : 0) + Math.Min(random.Next(10), random.Next(10));
                    return new ClickEvent($"e{at:000000}", $"u{user:000}", $"i{item:000}", "click", at * 4 * Day / 6000)
                    {
                        Segments = [left ? "taste:left" : "taste:right"],
                    };
                })
        );
        var fit = SegmentFit.Of(data.Sequences, data.Times, data.Segments, data.Items, TimeSpan.FromHours(12))!;

        Assert.Equal([true], fit.Kinds.Select(kind => kind.Pays));
        // The newest two fifths of the users, all of whom came new.
        Assert.Equal(240, fit.Users);
        foreach (var list in fit.Lists)
        {
            var first = list.Segment == "taste:left" ? 11 : 31;
            Assert.All(list.Items.Take(5), item => Assert.InRange(item, first, first + 9));
            Assert.Equal(list.Scores.OrderDescending(), list.Scores);
        }
    }

    [Fact]
    public void A_users_segments_are_those_of_the_newest_event_that_names_any()
    {
        ClickEvent[] events =
        [
            new("e3", "u", "i", "click", 30),
            new("e2", "u", "i", "click", 20, Segments: ["land:FR", "land:FR", "age:2"]),
            new("e1", "u", "i", "click", 10, Segments: ["land:DE"]),
            new("e4", "v", "i", "click", 10),
        ];

        foreach (var data in new[] { SequenceData.From(events), SequenceData.From(events.Reverse()) })
        {
            Assert.Equal(["land:FR", "age:2"], data.Segments[0]);
            Assert.Empty(data.Segments[1]);
            Assert.Equal(["land:FR", "age:2"], data.WithMinimumCounts(1, 2).Segments.Single());
        }
    }

    // Two tastes that a segment tells apart, and another segment that says nothing.
    private static SequenceData Tastes()
    {
        var random = new Random(3);
        return SequenceData.From(
            Enumerable
                .Range(0, 200 * 10)
                .Select(at =>
                {
                    var (user, left) = (at % 200, at % 2 == 0);
                    var item = (left ? 0 : 20) + Math.Min(random.Next(20), random.Next(20));
                    return new ClickEvent($"e{at:000000}", $"u{user:000}", $"i{item:000}", "click", at)
                    {
                        Segments = [left ? "taste:left" : "taste:right", user % 4 < 2 ? "coin:a" : "coin:b"],
                    };
                })
        );
    }
}
