using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Training.Data;
using StreamRec.Training.Newcomers;

namespace StreamRec.Tests.Training.Newcomers;

/// <summary>How soon the popular list forgets is chosen by what came after it.</summary>
public sealed class HalfLifeFitTests
{
    private const long Day = 86_400_000;

    private static readonly BundleContents s_empty = new()
    {
        Dimension = 1,
        Window = 1,
        ItemIds = [""],
        Vectors = default,
        Encoder = default,
    };

    [Fact]
    public void Where_tastes_move_on_the_list_forgets()
    {
        var data = Moving(days: 100, itemsADay: 1);

        var fit = HalfLifeFit.Choose(data);
        var contents = fit.AddTo(s_empty, data);

        Assert.True(fit.Asked.OfNew);
        Assert.InRange(fit.HalfLife!.Value, TimeSpan.FromDays(3), TimeSpan.FromDays(14));
        Assert.True(fit.Gain.AtLeast > 0.05, $"{fit.Gain}");
        Assert.Equal((long)fit.HalfLife.Value.TotalMilliseconds, contents.PopularHalfLifeMs);
        Assert.Equal(fit.Gain.AtLeast, contents.Quality["popular.gain.ndcg@10.least"]);
        // What was taken last is of the last days, and what was taken most of the first ones.
        var popularity = contents.Popularity.Span.ToArray();
        var best = Enumerable.Range(1, data.Items).MaxBy(item => popularity[item]);
        Assert.InRange(best, data.Items - 20, data.Items);
        Assert.Equal(0, popularity[0]);
    }

    [Fact]
    public void Where_they_stay_it_does_not()
    {
        var data = Moving(days: 100, itemsADay: 0);

        var fit = HalfLifeFit.Choose(data);
        var contents = fit.AddTo(s_empty, data);

        Assert.Null(fit.HalfLife);
        Assert.NotEmpty(fit.Tried);
        Assert.True(contents.Popularity.IsEmpty);
        Assert.Null(contents.PopularHalfLifeMs);
        Assert.Equal(fit.Whole, contents.Quality["popular.whole.ndcg@10"]);
    }

    [Fact]
    public void What_is_asked_for_is_taken_and_judged()
    {
        var data = Moving(days: 100, itemsADay: 0);

        var fit = HalfLifeFit.Given(data, TimeSpan.FromDays(2));

        Assert.Equal((TimeSpan.FromDays(2), true), (fit.HalfLife, fit.IsMeasured));
        Assert.Equal(2 * Day, fit.AddTo(s_empty, data).PopularHalfLifeMs);
        Assert.Equal((null, false), (HalfLifeFit.Given(data, null).HalfLife, HalfLifeFit.Given(data, null).IsMeasured));
    }

    /// <summary>As `import` does, of tables without times.</summary>
    [Fact]
    public void Times_that_are_made_up_tell_nothing()
    {
        var data = Clicks(Enumerable.Range(0, 100_000).Select(at => (at / 10, at / 2000, at * 1000L)));

        Assert.True(HalfLifeFit.Choose(data) is { HalfLife: null, Asked.MadeUp: true, IsMeasured: false });
        // Nor where a split left every second one out.
        var half = data.WithPrefixes([.. data.Sequences.Select(own => own[..(own.Length / 2)])]);
        Assert.True(HalfLifeFit.Choose(half).Asked.MadeUp);
        Assert.False(HalfLifeFit.Choose(Moving(days: 100, itemsADay: 1)).Asked.MadeUp);
    }

    [Fact]
    public void Events_of_one_time_or_none_are_no_trouble()
    {
        foreach (var data in new[] { Clicks([]), Clicks(Enumerable.Range(0, 100).Select(at => (at, at % 7, 5L))) })
        {
            var fit = HalfLifeFit.Choose(data);
            Assert.Equal((null, 0, false), (fit.HalfLife, fit.Asked.Users, fit.IsMeasured));
            Assert.Equal(Day, HalfLifeFit.Given(data, TimeSpan.FromDays(1)).AddTo(s_empty, data).PopularHalfLifeMs);
        }
    }

    [Fact]
    public void A_list_is_made_of_what_was_before_those_who_are_asked()
    {
        var data = Moving(days: 100, itemsADay: 1);
        var stretches = new Stretches(data.Sequences, data.Times);

        Assert.Equal(4, stretches.All.Count);
        foreach (var stretch in stretches.All)
        {
            var before = stretches.Before(stretch);
            Assert.True(stretch.NowMs < stretch.CutMs);
            Assert.NotEmpty(stretch.Asked);
            for (var user = 0; user < before.Length; user++)
            {
                var times = data.Times[user].Span;
                Assert.True(before[user].IsEmpty || times[before[user].Length - 1] <= stretch.NowMs);
                Assert.True(before[user].Length == times.Length || times[before[user].Length] >= stretch.CutMs);
            }
            foreach (var (user, events) in stretch.Asked)
            {
                Assert.True(before[user].IsEmpty);
                Assert.Equal(data.Sequences[user][..events.Length].ToArray(), events.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(40, false)]
    public void Where_nobody_comes_new_all_are_asked_and_a_list_is_never_of_few(int users, bool forgets)
    {
        var random = new Random(4);
        var data = Clicks(
            Enumerable
                .Range(0, 100 * users)
                .Select(at => (at % users, (at / (10 * users)) + random.Next(3), (at * Day / users) + random.Next(99)))
        );

        var fit = HalfLifeFit.Choose(data);

        Assert.False(fit.Asked.OfNew);
        Assert.Equal(users, fit.Asked.Users);
        Assert.Equal(forgets, fit.HalfLife is not null);
        Assert.Equal(forgets, fit.IsMeasured);
        Assert.All(fit.Asked.All, stretch => Assert.All(stretch.Asked, one => Assert.Equal(10, one.Events.Length)));
    }

    // Twenty new users a day, each of five clicks among the twenty items of the day.
    private static SequenceData Moving(int days, int itemsADay)
    {
        var random = new Random(3);
        return Clicks(
            Enumerable
                .Range(0, days * 100)
                .Select(at =>
                {
                    var (user, day) = (at / 5, at / 100);
                    return (user, (day * itemsADay) + random.Next(20), (at * Day / 100) + random.Next(500));
                })
        );
    }

    private static SequenceData Clicks(IEnumerable<(int User, int Item, long Time)> clicks) =>
        SequenceData.From(
            clicks.Select(
                (click, at) =>
                    new ClickEvent($"e{at:000000}", $"u{click.User:00000}", $"i{click.Item:000}", "click", click.Time)
            )
        );
}
