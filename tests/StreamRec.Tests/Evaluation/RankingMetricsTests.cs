using StreamRec.Evaluation;

namespace StreamRec.Tests.Evaluation;

public class RankingMetricsTests
{
    [Fact]
    public void Known_ranks_give_known_figures()
    {
        var metrics = new RankingMetrics();
        foreach (int rank in (int[])[1, 3, 11, RankingMetrics.Miss])
        {
            metrics.Add(rank);
        }
        Assert.Equal(0.5, metrics.HitRate(10), 12);
        Assert.Equal((1 + 0.5) / 4, metrics.Ndcg(10), 12);
        Assert.Equal((1 + (1 / 3.0)) / 4, metrics.Mrr(10), 12);
    }

    [Fact]
    public void Without_ranks_there_is_no_figure()
    {
        var none = new RankingMetrics();

        Assert.All(none.ByName().Values, figure => Assert.True(double.IsNaN(figure)));
        Assert.All(none.Intervals().Values, Assert.Null);
    }

    [Fact]
    public void Intervals_hold_the_mean()
    {
        var metrics = new RankingMetrics();
        foreach (int rank in Enumerable.Range(0, 400).Select(at => at % 4 == 0 ? 1 : RankingMetrics.Miss))
        {
            metrics.Add(rank);
        }
        double[] interval = metrics.Intervals()["hr@10"]!;
        Assert.Equal(0.25, (interval[0] + interval[1]) / 2, 12);
        Assert.Equal(2 * 1.96 * Math.Sqrt(0.25 * 0.75 / 399), interval[1] - interval[0], 9);
    }

    /// <summary>A session that is asked k times the same tells no more than one that is asked once.</summary>
    [Fact]
    public void Cases_of_one_user_count_as_one_draw()
    {
        RankingMetrics once = new(),
            often = new(),
            alone = new();
        for (int user = 0; user < 100; user++)
        {
            int rank = user % 4 == 0 ? 1 : RankingMetrics.Miss;
            once.Add(rank, user);
            foreach (int _ in Enumerable.Range(0, 9))
            {
                often.Add(rank, user);
                alone.Add(rank);
            }
        }
        Assert.Equal((100, 900, 900), (often.Users, often.Count, alone.Users));
        Assert.Equal(once.Intervals()["hr@10"]![0], often.Intervals()["hr@10"]![0], 12);
        Assert.True(Width(alone.Intervals()["hr@10"]!) < 0.4 * Width(often.Intervals()["hr@10"]!));

        static double Width(double[] interval) => interval[1] - interval[0];
    }

    /// <summary>Two rankers that hit almost the same cases differ by less than either varies.</summary>
    [Fact]
    public void A_difference_is_taken_case_by_case()
    {
        RankingMetrics better = new(),
            worse = new();
        for (int user = 0; user < 200; user++)
        {
            better.Add(user % 2 == 0 ? 1 : RankingMetrics.Miss, user);
            worse.Add(user % 2 == 0 && user % 20 != 0 ? 1 : RankingMetrics.Miss, user);
        }
        double[] above = better.IntervalsAbove(worse)["hr@10"]!;
        Assert.Equal(0.05, (above[0] + above[1]) / 2, 12);
        Assert.Equal(2 * 1.96 * Math.Sqrt(0.05 * 0.95 / 199), above[1] - above[0], 9);
        Assert.Throws<ArgumentOutOfRangeException>(() => better.IntervalsAbove(new RankingMetrics()));
    }

    [Fact]
    public void Ties_count_against_and_excluded_items_do_not_count()
    {
        float[] scores = [9f, 1f, 2f, 2f, 3f];

        Assert.Equal(3, RankingMetrics.RankOf(scores, 2));
        Assert.Equal(2, RankingMetrics.RankOf(scores, 2, [4, 4, 1, 2]));
        Assert.Equal(RankingMetrics.Miss, RankingMetrics.RankOf([0f, float.NaN, 1f], 1));
    }

    [Fact]
    public void Leave_one_out_and_time_splits()
    {
        ReadOnlyMemory<int>[] sequences = [new[] { 1, 2, 3 }, new[] { 4, 5 }];
        var one = Splits.LeaveOneOut(sequences);
        var time = Splits.ByTime(sequences, [new long[] { 1, 2, 9 }, new long[] { 3, 8 }], 0.6);

        Assert.Equal([3], one.Cases.Select(c => c.Target));
        Assert.Equal([2, 2], one.Training.Select(t => t.Length));
        Assert.Equal([2, 1], time.Training.Select(t => t.Length));
        Assert.Equal([(5, 1), (3, 2)], time.Cases.Select(c => (c.Target, c.History.Length)));
    }

    /// <summary>The newest sequences are held out whole; what began with the last that trains, trains.</summary>
    [Fact]
    public void Session_split()
    {
        ReadOnlyMemory<int>[] sequences =
        [
            new[] { 1, 2 },
            new[] { 3, 4, 5 },
            new[] { 6 },
            new[] { 7, 8 },
            Array.Empty<int>(),
        ];
        ReadOnlyMemory<long>[] times =
        [
            new long[] { 1, 9 },
            new long[] { 5, 6, 7 },
            new long[] { 6 },
            new long[] { 2, 3 },
            Array.Empty<long>(),
        ];
        var split = Splits.BySession(sequences, times, 0.5);

        Assert.Equal([2, 0, 0, 2, 0], split.Training.Select(t => t.Length));
        Assert.Equal([(4, 1), (5, 2)], split.Cases.Select(c => (c.Target, c.History.Length)));
        Assert.All(split.Cases, asked => Assert.Equal(1, asked.User));
        Assert.Empty(Splits.BySession(sequences[..1], times[..1]).Cases);
        Assert.Empty(Splits.BySession([], []).Cases);
    }
}
