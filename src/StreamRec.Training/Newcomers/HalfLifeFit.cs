using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Training.Data;

namespace StreamRec.Training.Newcomers;

/// <summary>
/// How soon lists of what is popular forget, chosen by what new users of the training data would have been served best
/// by, each by lists made of what was before.
/// </summary>
public sealed class HalfLifeFit
{
    // What people can say. Of data of a few hours or of years only those are tried that make a difference.
    private static readonly TimeSpan[] s_ladder =
    [
        TimeSpan.FromDays(365),
        TimeSpan.FromDays(180),
        TimeSpan.FromDays(90),
        TimeSpan.FromDays(30),
        TimeSpan.FromDays(14),
        TimeSpan.FromDays(7),
        TimeSpan.FromDays(3),
        TimeSpan.FromDays(1),
        TimeSpan.FromHours(12),
        TimeSpan.FromHours(6),
        TimeSpan.FromHours(3),
        TimeSpan.FromHours(1),
    ];

    private const int LeastOfSpan = 1000;

    private HalfLifeFit(Stretches stretches, IReadOnlyList<TimeSpan> tried) => (Asked, Tried) = (stretches, tried);

    /// <summary>The half-life; null: nothing is forgotten.</summary>
    public TimeSpan? HalfLife { get; private init; }

    /// <summary>Half-lives that were held against whole counts; none where times do not tell.</summary>
    public IReadOnlyList<TimeSpan> Tried { get; }

    /// <summary>Who was asked.</summary>
    public Stretches Asked { get; }

    /// <summary>NDCG@10 of whole counts on the users' first events.</summary>
    public double Whole { get; private init; } = double.NaN;

    /// <summary>What the best one tried gains over whole counts.</summary>
    public PairedGain Gain { get; private init; }

    /// <summary>Whether anything was measured.</summary>
    public bool IsMeasured => Tried.Count > 0 && Asked.Users > 1;

    /// <summary>
    /// The half-life that gains most, if it surely gains; else none. One by which the list would be of few people is
    /// not tried.
    /// </summary>
    public static HalfLifeFit Choose(SequenceData data, CancellationToken cancel = default)
    {
        var stretches = new Stretches(data.Sequences, data.Times);
        var span = TimeSpan.FromMilliseconds(stretches.LastMs - stretches.FirstMs);
        TimeSpan[] tried =
        [
            .. s_ladder.Where(half =>
                half < span
                && half >= span / LeastOfSpan
                && stretches.UsersSince(Crowd.SinceMs(stretches.LastMs, half)) >= Crowd.LeastUsers
            ),
        ];
        return Measured(data, stretches, stretches.MadeUp ? [] : tried, chosen: null, cancel);
    }

    /// <summary>One that was asked for; null: none.</summary>
    public static HalfLifeFit Given(SequenceData data, TimeSpan? halfLife, CancellationToken cancel = default) =>
        Measured(data, new Stretches(data.Sequences, data.Times), halfLife is { } half ? [half] : [], halfLife, cancel);

    /// <summary>Adds the popular list's file to a bundle of these data, where there is a half-life.</summary>
    public BundleContents AddTo(BundleContents contents, SequenceData data)
    {
        if (IsMeasured)
        {
            contents = contents with { Quality = contents.Quality.Concat(ByName()).ToDictionary() };
        }
        if (HalfLife is not { } half)
        {
            return contents;
        }
        var weights = PopularityDecay.Weights(data.Sequences, data.Times, data.Items, Asked.LastMs, half);
        return contents with
        {
            Popularity = Array.ConvertAll(weights, weight => (float)weight),
            PopularHalfLifeMs = (long)half.TotalMilliseconds,
        };
    }

    private IEnumerable<KeyValuePair<string, double>> ByName() =>
        new KeyValuePair<string, double>[]
        {
            new("popular.whole.ndcg@10", Whole),
            new("popular.gain.ndcg@10", Gain.Mean),
            new("popular.gain.ndcg@10.least", Gain.AtLeast),
        }.Where(figure => double.IsFinite(figure.Value));

    private static HalfLifeFit Measured(
        SequenceData data,
        Stretches stretches,
        IReadOnlyList<TimeSpan> tried,
        TimeSpan? chosen,
        CancellationToken cancel
    )
    {
        if (tried.Count == 0 || stretches.Users < 2)
        {
            return new(stretches, tried) { HalfLife = chosen };
        }
        var figures = Figures(data, stretches, [null, .. tried], cancel);
        var whole = figures[0];
        var gains = figures
            .Skip(1)
            .Select(own => PairedGain.Of([.. own.Zip(whole, (one, other) => one - other)], tried.Count > 1));
        var (best, gain) = gains.Select((one, at) => (tried[at], one)).MaxBy(pair => pair.one.Mean);
        return new(stretches, tried)
        {
            HalfLife = chosen ?? (gain.AtLeast > 0 ? best : null),
            Whole = whole.Average(),
            Gain = gain,
        };
    }

    // By each half-life, of each user who is asked: the mean over the stretches.
    private static double[][] Figures(
        SequenceData data,
        Stretches stretches,
        IReadOnlyList<TimeSpan?> halfLives,
        CancellationToken cancel
    )
    {
        var asked = new int[data.Sequences.Count];
        double[][] sums = [.. halfLives.Select(_ => new double[asked.Length])];
        foreach (var stretch in stretches.All)
        {
            var before = stretches.Before(stretch);
            for (var at = 0; at < sums.Length; at++)
            {
                cancel.ThrowIfCancellationRequested();
                var weights = PopularityDecay.Weights(before, data.Times, data.Items, stretch.NowMs, halfLives[at]);
                var list = FirstLists.Best(Array.ConvertAll(weights, weight => (float)weight));
                foreach (var (user, events) in stretch.Asked)
                {
                    sums[at][user] += FirstLists.Ndcg(list, events.Span);
                }
            }
            foreach (var (user, _) in stretch.Asked)
            {
                asked[user]++;
            }
        }
        return
        [
            .. sums.Select(own =>
                own.Zip(asked).Where(one => one.Second > 0).Select(one => one.First / one.Second).ToArray()
            ),
        ];
    }
}
