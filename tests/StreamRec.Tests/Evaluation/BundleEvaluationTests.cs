using StreamRec.Bundles;
using StreamRec.Evaluation;
using StreamRec.Tests.Training;
using StreamRec.Training;
using StreamRec.Training.Data;

namespace StreamRec.Tests.Evaluation;

/// <summary>A trained bundle, judged as it is served.</summary>
public sealed class BundleEvaluationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-").FullName;
    private readonly SequenceData _data = SmallData.Chain();
    private readonly Bundle _bundle;

    public BundleEvaluationTests()
    {
        string path = Path.Combine(_directory, "bundle");
        Trainer.Train(_data.WithPrefixes(Splits.LeaveOneOut(_data.Sequences).Training), SmallData.Options()).WriteBundle(path);
        _bundle = Bundle.Load(path);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_model_is_asked_like_the_baselines_and_beats_popularity(bool filterSeen)
    {
        IReadOnlyList<RankerEvaluation> results = BundleEvaluation.LeaveOneOut(_bundle, _data, filterSeen);

        Assert.Equal(["model", "popularity", "markov", "item-to-item", "matrix-factorization"], results.Select(r => r.Ranker));
        Assert.All(results, result => Assert.Equal(_data.Sequences.Count(s => s.Length >= 3), result.Metrics.Count));
        Assert.True(results[0].Metrics.Ndcg(10) > results[1].Metrics.Ndcg(10) + 0.2);
    }

    [Fact]
    public void A_stream_has_the_same_cases_for_all()
    {
        IReadOnlyList<RankerEvaluation> results = BundleEvaluation.ByTime(_bundle, _data, filterSeen: false);

        Assert.Equal(["item-to-item", "markov", "matrix-factorization", "model", "popularity"], results.Select(r => r.Ranker).Order());
        Assert.Single(results.Select(result => result.Metrics.Count).Distinct());
        Assert.True(results[0].Metrics.Count > 100);
    }

    [Fact]
    public void Held_out_sessions_are_asked_at_every_prefix()
    {
        Split split = Splits.BySession(_data.Sequences, _data.Times);
        IReadOnlyList<RankerEvaluation> results = BundleEvaluation.BySession(_bundle, _data, filterSeen: false);

        Assert.Equal(["model", "popularity", "markov", "item-to-item", "matrix-factorization"], results.Select(r => r.Ranker));
        Assert.All(results, result => Assert.Equal(split.Cases.Count, result.Metrics.Count));
    }

    /// <summary>The rank is the place in the list that the worker would write.</summary>
    [Fact]
    public void Rank_is_the_place_in_the_served_list()
    {
        using var ranker = new ModelRanker(_bundle, null);
        RankingCase[] cases = [.. Enumerable.Range(0, 60).Select(at => new RankingCase(
            at, Enumerable.Range(0, 1 + at).Select(k => k % 7 == 3 ? 0 : 1 + ((at + k) % 40)).ToArray(), 1 + (at * 3 % 40)))];
        var ranks = new int[cases.Length];
        foreach (bool filterSeen in (bool[])[false, true])
        {
            ranker.Rank(cases, filterSeen, ranks);
            var top = new int[_bundle.Manifest.Items];
            foreach ((RankingCase asked, int rank) in cases.Zip(ranks))
            {
                int place = top.AsSpan(0, ranker.List(asked, filterSeen, top)).IndexOf(asked.Target) + 1;
                Assert.Equal(!filterSeen || !asked.History.Span.Contains(asked.Target), place > 0);
                Assert.True(place == 0 || place == rank, $"place {place}, rank {rank}");
            }
        }
    }

    [Fact]
    public void A_user_of_unknown_items_gets_the_popular_list()
    {
        using var ranker = new ModelRanker(_bundle, null);
        int most = Enumerable.Range(1, _bundle.Manifest.Items).MaxBy(item => _bundle.Counts[item]);
        var top = new int[1];
        var ranks = new int[1];

        Assert.Equal(1, ranker.List(new RankingCase(0, new[] { 0, 0 }, most), false, top));
        ranker.Rank([new RankingCase(0, new[] { 0, 0 }, most)], false, ranks);

        Assert.Equal(_bundle.Counts[most], _bundle.Counts[top[0]]);
        Assert.InRange(ranks[0], 1, _bundle.Counts.Count(count => count == _bundle.Counts[most]));
    }

    [Fact]
    public void Prefixes_are_read_and_judged()
    {
        string path = Path.Combine(_directory, "prefixes.txt");
        File.WriteAllText(path, "i003 i004\ti005\nno target\ni007 never-seen\ti008\ni001\tunheard-of\n");

        IReadOnlyList<RankingCase> cases = PrefixFile.Read(path, _bundle);
        RankerEvaluation model = BundleEvaluation.Prefixes(_bundle, cases, null, filterSeen: false)[0];

        Assert.Equal(3, cases.Count);
        Assert.Equal([_bundle.IndexOf("i007"), 0], cases[1].History.ToArray());
        Assert.Equal(2 / 3.0, model.Metrics.HitRate(10), 12);
    }
}
