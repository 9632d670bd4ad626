using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Tests.Training;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Evaluation;

/// <summary>A trained bundle, judged as it is served.</summary>
public sealed class BundleEvaluationTests : IDisposable
{
    private static readonly Eligibility All = new(ExcludeSeen: false, Kept: 23),
        Unseen = new(ExcludeSeen: true, Kept: 23);
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-").FullName;
    private readonly SequenceData _data = SmallData.Chain();
    private readonly Bundle _bundle;

    public BundleEvaluationTests()
    {
        string path = Path.Combine(_directory, "bundle");
        Trainer
            .Train(_data.WithPrefixes(Splits.LeaveOneOut(_data.Sequences).Training), SmallData.Options())
            .WriteBundle(path);
        _bundle = Bundle.Load(path);
    }

    public static TheoryData<string> Ways => ["leave-one-out", "session", "time"];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_model_is_asked_like_the_baselines_and_beats_popularity(bool excludeSeen)
    {
        var results = new BundleEvaluation(_bundle, new Eligibility(excludeSeen, Kept: 23)).LeaveOneOut(_data).Rankers;

        Assert.Equal(
            ["model", "popularity", "markov", "item-to-item", "matrix-factorization"],
            results.Select(r => r.Ranker)
        );
        Assert.All(results, result => Assert.Equal(_data.Sequences.Count(s => s.Length >= 3), result.Metrics.Count));
        Assert.True(results[0].Metrics.Ndcg(10) > results[1].Metrics.Ndcg(10) + 0.2);
    }

    [Fact]
    public void A_stream_has_the_same_cases_for_all()
    {
        var report = new BundleEvaluation(_bundle, All).ByTime(_data);

        Assert.Equal(
            ["item-to-item", "markov", "matrix-factorization", "model", "popularity"],
            report.Rankers.Select(r => r.Ranker).Order()
        );
        Assert.Equal(
            report.Cases.Cases,
            Assert.Single(report.Rankers.Select(result => result.Metrics.Count).Distinct())
        );
        Assert.True(report.Cases.Cases > 100);
        Assert.Equal(0, report.Cases.NewUsers);
    }

    [Fact]
    public void Held_out_sessions_are_asked_at_every_prefix()
    {
        var split = Splits.BySession(_data.Sequences, _data.Times);
        var report = new BundleEvaluation(_bundle, All).BySession(_data);

        Assert.Equal(
            ["model", "popularity", "markov", "item-to-item", "matrix-factorization"],
            report.Rankers.Select(r => r.Ranker)
        );
        Assert.All(report.Rankers, result => Assert.Equal(split.Cases.Count, result.Metrics.Count));
        Assert.Equal(split.Cases.Select(asked => asked.User).Distinct().Count(), report.Cases.Users);
    }

    /// <summary>Next month's file lacks some of the bundle's items and has others that the bundle lacks.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void Events_and_bundle_may_know_different_items(string way)
    {
        var other = Renamed(_data, item => item is "i004" or "i017" ? $"new-{item}" : item);

        var report = Judge(way, other, All);

        Assert.All(
            report.Rankers,
            result => Assert.All(result.Metrics.ByName().Values, figure => Assert.InRange(figure, 0, 1))
        );
        Assert.All(report.Rankers, result => Assert.InRange(result.Lists!.Coverage, 0, 1));
        Assert.True(report.Rankers[0].Metrics.HitRate(10) > 0.4);
    }

    /// <summary>What the bundle knows is no miss because the baselines were not trained on it.</summary>
    [Fact]
    public void A_target_that_the_bundle_alone_was_trained_on_is_judged()
    {
        SequenceData few = SequenceData.From(
            Enumerable.Range(0, 5).Select(at => new ClickEvent($"e{at}", "u", $"i{at:000}", "click", at))
        );

        var report = new BundleEvaluation(_bundle, All).LeaveOneOut(few);

        Assert.Equal(new CaseSummary(1, 1, 0, 0, null), report.Cases);
        Assert.Equal(1, report.Rankers[0].Metrics.HitRate(10));
        Assert.All(report.Rankers.Skip(1), baseline => Assert.Equal(0, baseline.Metrics.HitRate(10)));
        Assert.All(report.Rankers, result => Assert.Null(result.Metrics.Intervals()["hr@10"]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_gives_no_figure_is_said(string way)
    {
        SequenceData one = SequenceData.From([
            new ClickEvent("e", "u", "i001", "click", 1),
            new ClickEvent("e", "v", "i002", "click", 2),
        ]);
        var strangers = Renamed(_data, item => $"sku-{item}");

        Assert.Contains("no case to judge", Assert.Throws<StreamRecException>(() => Judge(way, one, All)).Message);
        Assert.Contains(
            "no case to judge",
            Assert.Throws<StreamRecException>(() => Judge(way, SequenceData.From([]), All)).Message
        );
        string message = Assert.Throws<StreamRecException>(() => Judge(way, strangers, All)).Message;
        Assert.Contains("40 items of the events", message);
        Assert.Contains("'i000'", message);
    }

    [Fact]
    public void Events_of_one_time_leave_nothing_to_train_fixed_baselines_on()
    {
        SequenceData atOnce = SequenceData.From(
            Events(_data).Select(click => click with { TimeMs = 5, EventId = $"{click.TimeMs:D9}" })
        );

        var report = new BundleEvaluation(_bundle, All).ByTime(atOnce);

        Assert.Equal(["model", "popularity", "markov"], report.Rankers.Select(result => result.Ranker));
        Assert.Contains(
            report.Notes,
            note => note.Contains("no event to train baselines on", StringComparison.Ordinal)
        );
        Assert.Equal(report.Cases.Cases, report.Cases.NewUsers);
        Assert.Contains(report.Notes, note => note.Contains("new users", StringComparison.Ordinal));
    }

    /// <summary>
    /// A list that leaves seen items out holds no target that was seen: it is a miss for all, and counted.
    /// </summary>
    [Fact]
    public void Targets_that_were_seen_are_counted_where_lists_leave_them_out()
    {
        SequenceData circle = SequenceData.From(
            Enumerable
                .Range(0, 1200)
                .Select(at => new ClickEvent(
                    $"e{at:0000}",
                    $"u{at % 30}",
                    $"i{((at / 30) + (at % 30)) % 12:000}",
                    "click",
                    1000L * at
                ))
        );

        var report = new BundleEvaluation(_bundle, Unseen).LeaveOneOut(circle);

        Assert.Equal((30, 30), (report.Cases.Cases, report.Cases.ExcludedTargets));
        Assert.All(report.Rankers, result => Assert.Equal(0, result.Metrics.HitRate(20)));
        Assert.Contains(report.Notes, note => note.StartsWith("30 of 30 targets stand in", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.Contains("by default do the opposite", StringComparison.Ordinal));
        Assert.True(new BundleEvaluation(_bundle, All).LeaveOneOut(circle).Rankers[0].Metrics.HitRate(10) > 0.8);
    }

    [Fact]
    public void A_bundle_that_was_trained_on_what_is_asked_is_told_of()
    {
        Bundle all = Trained(_data, "all"),
            half = Trained(Earlier(1000L * 9), "half");
        string Verdict(Bundle bundle, string way, SequenceData data) => Judge(way, data, All, bundle).Leak.Verdict;

        Assert.Equal("no", Verdict(_bundle, "leave-one-out", _data));
        Assert.Equal("yes", Verdict(_bundle, "time", _data));
        Assert.Equal("yes", Verdict(_bundle, "session", _data));
        Assert.All(["leave-one-out", "session", "time"], way => Assert.Equal("yes", Verdict(all, way, _data)));

        // A part of the file, in another order and with users of its own, is the same events.
        SequenceData part = SequenceData.From(Events(_data).Where(click => click.UserId != "u3").Reverse());
        Assert.Equal("yes", Verdict(all, "leave-one-out", part));
        Assert.Equal("no", Verdict(half, "leave-one-out", _data));
        Assert.Equal("no", Verdict(all, "leave-one-out", Later(_data)));
        Assert.Equal("unknown", Verdict(Aged(all, keepTimes: true), "time", _data));
        Assert.Equal("unknown", Verdict(Aged(all, keepTimes: false), "time", _data));
        Assert.Equal("no", Verdict(Aged(all, keepTimes: true), "time", Later(_data)));
        Assert.StartsWith("LEAK", Judge("time", _data, All, all).Notes[0]);
        Assert.Equal(
            "every target is later than the last event that the bundle was trained on",
            Judge("time", _data, All, half).Leak.Why
        );
    }

    /// <summary>The rank is the place in the list that the worker would write.</summary>
    [Fact]
    public void Rank_is_the_place_in_the_served_list()
    {
        using var ranker = new ModelRanker(_bundle);
        RankingCase[] cases =
        [
            .. Enumerable
                .Range(0, 60)
                .Select(at => new RankingCase(
                    at,
                    Enumerable.Range(0, 1 + at).Select(k => k % 7 == 3 ? 0 : 1 + ((at + k) % 40)).ToArray(),
                    1 + (at * 3 % 40)
                )),
        ];
        var ranks = new int[cases.Length];
        foreach (var eligible in (Eligibility[])[All, Unseen])
        {
            ranker.Rank(cases, eligible, ranks);
            var top = new int[_bundle.Manifest.Items];
            foreach ((var asked, int rank) in cases.Zip(ranks))
            {
                int place = top.AsSpan(0, ranker.List(asked, eligible, top)).IndexOf(asked.Target) + 1;
                Assert.Equal(eligible.Allows(asked.History.Span, asked.Target), place > 0);
                Assert.True(place == 0 || place == rank, $"place {place}, rank {rank}");
            }
        }
    }

    /// <summary>As a reader gets it: nothing is left out of the popular list.</summary>
    [Fact]
    public void A_user_of_unknown_items_gets_the_popular_list()
    {
        using var ranker = new ModelRanker(_bundle);
        int[] popular = PopularItems.InOrder(_bundle.Counts);
        int[] top = new int[2],
            ranks = new int[1];
        var asked = new RankingCase(0, new[] { 0, 0 }, popular[1]);

        Assert.Equal(2, ranker.List(asked, Unseen, top));
        ranker.Rank([asked], Unseen, ranks);

        Assert.Equal(popular[..2], top);
        Assert.Equal((2, 1), (ranks[0], ranker.Fallbacks));
    }

    [Fact]
    public void Prefixes_are_read_and_judged()
    {
        string path = Lines("i003 i004\ti005\nno target\ni007 never-seen\ti008\ni001\tunheard-of\n");

        var cases = PrefixFile.Read(path, _bundle.IndexOf);
        var report = new BundleEvaluation(_bundle, All).Prefixes(path, null);

        Assert.Equal(3, cases.Count);
        Assert.Equal([_bundle.IndexOf("i007"), 0], cases[1].History.ToArray());
        Assert.Equal(2 / 3.0, report.Rankers[0].Metrics.HitRate(10), 12);
        Assert.Equal(["model", "popularity"], report.Rankers.Select(result => result.Ranker));
        Assert.Contains("--events", report.Notes[0]);
        Assert.Equal("unknown", report.Leak.Verdict);
    }

    [Fact]
    public void Events_add_the_other_baselines_to_prefixes()
    {
        var report = new BundleEvaluation(_bundle, All).Prefixes(
            Lines("i003 i004\ti005\ni007 i008\tnew-i009\n"),
            Renamed(_data, item => item == "i009" ? "new-i009" : item)
        );

        Assert.Equal(
            ["model", "popularity", "markov", "item-to-item", "matrix-factorization"],
            report.Rankers.Select(r => r.Ranker)
        );
        Assert.Equal([0.5, 1], new[] { 0, 2 }.Select(at => report.Rankers[at].Metrics.HitRate(10)));
    }

    [Theory]
    [InlineData("i001\ti002\ni001 i002\ti003\ni001 i002 i003\ti004\ni005\ti006\n")]
    [InlineData("i001 i002 i003\ti004\ni001 i002\ti003\ni001\ti002\ni005\ti006\n")]
    public void Prefixes_of_one_session_depend_on_each_other(string lines)
    {
        Assert.Equal([0, 0, 0, 1], PrefixFile.Read(Lines(lines), _bundle.IndexOf).Select(asked => asked.User));
    }

    /// <summary>
    /// The very bundle that schemas/bundle.md writes from PyTorch has no counts: its figures are no zeros.
    /// </summary>
    [Fact]
    public void A_bundle_without_counts_is_judged_on_prefixes()
    {
        var uncounted = Aged(_bundle, keepTimes: true);
        string path = Lines("i003 i004\ti005\ni007 i008\ti009\n");

        var report = new BundleEvaluation(uncounted, All).Prefixes(path, null);

        Assert.Equal("model", Assert.Single(report.Rankers).Ranker);
        Assert.Equal(1, report.Rankers[0].Metrics.HitRate(10));
        Assert.InRange(report.Rankers[0].Lists!.Coverage, 0, 1);
        Assert.Contains("no counts", report.Notes[0]);
        Assert.Contains(
            "knows none of the 1 targets",
            Assert
                .Throws<StreamRecException>(() =>
                    new BundleEvaluation(uncounted, All).Prefixes(Lines("i003\tx\n"), null)
                )
                .Message
        );
    }

    [Fact]
    public void A_report_for_machines_holds_no_number_that_is_none()
    {
        SequenceData few = SequenceData.From(
            Enumerable.Range(0, 3).Select(at => new ClickEvent($"e{at}", "u", $"i{at:000}", "click", at))
        );

        string json = EvaluationJson
            .Of(new BundleEvaluation(Aged(_bundle, keepTimes: true), All).LeaveOneOut(few), ["click"])
            .ToJsonString();
        using var parsed = System.Text.Json.JsonDocument.Parse(json);

        Assert.Equal(
            System.Text.Json.JsonValueKind.Null,
            parsed.RootElement.GetProperty("model").GetProperty("ci95").GetProperty("hr@10").ValueKind
        );
        Assert.Equal(
            System.Text.Json.JsonValueKind.Null,
            parsed.RootElement.GetProperty("popularity").GetProperty("popularity_bias@10").ValueKind
        );
        Assert.Equal("unknown", parsed.RootElement.GetProperty("leak").GetProperty("verdict").GetString());
        Assert.Equal(1, parsed.RootElement.GetProperty("protocol").GetProperty("cases").GetInt32());
        Assert.Equal("click", parsed.RootElement.GetProperty("protocol").GetProperty("types")[0].GetString());
    }

    private EvaluationReport Judge(string way, SequenceData data, Eligibility eligible, Bundle? bundle = null)
    {
        var evaluation = new BundleEvaluation(bundle ?? _bundle, eligible);
        return way switch
        {
            "time" => evaluation.ByTime(data),
            "session" => evaluation.BySession(data),
            _ => evaluation.LeaveOneOut(data),
        };
    }

    private Bundle Trained(SequenceData data, string name)
    {
        string path = Path.Combine(_directory, name);
        Trainer.Train(data, SmallData.Options() with { Epochs = 1 }).WriteBundle(path);
        return Bundle.Load(path);
    }

    /// <summary>As an earlier version, or a stranger, wrote it: without a sample and counts.</summary>
    private Bundle Aged(Bundle bundle, bool keepTimes)
    {
        var (path, manifest) = (Path.Combine(_directory, $"{Guid.NewGuid():N}"), bundle.Manifest);
        BundleWriter.Write(
            path,
            new BundleContents
            {
                Dimension = manifest.Dimension,
                Window = manifest.Window,
                ItemIds = bundle.ItemIds,
                Vectors = bundle.Vectors,
                Biases = bundle.Biases,
                Inputs = manifest.Inputs,
                Encoder = File.ReadAllBytes(bundle.EncoderPath),
                TrainedFromMs = keepTimes ? manifest.TrainedFromMs : null,
                TrainedToMs = keepTimes ? manifest.TrainedToMs : null,
            }
        );
        return Bundle.Load(path);
    }

    private string Lines(string text)
    {
        string path = Path.Combine(_directory, $"{Guid.NewGuid():N}.txt");
        File.WriteAllText(path, text);
        return path;
    }

    private SequenceData Earlier(long ms) => SequenceData.From(Events(_data).Where(click => click.TimeMs < ms));

    private static SequenceData Later(SequenceData data) =>
        SequenceData.From(Events(data).Select(click => click with { TimeMs = click.TimeMs + 1_000_000_000 }));

    private static SequenceData Renamed(SequenceData data, Func<string, string> item) =>
        SequenceData.From(Events(data).Select(click => click with { ItemId = item(click.ItemId) }));

    private static IEnumerable<ClickEvent> Events(SequenceData data) =>
        data.All()
            .Select((click, at) => new ClickEvent($"e{at:000000}", click.UserId, click.ItemId, "click", click.TimeMs));
}
