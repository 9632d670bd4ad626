using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Hosting;
using StreamRec.Training.Data;

namespace StreamRec.Tests.Evaluation;

/// <summary>What is told of users who first occur after the cut.</summary>
public sealed class NewUserEvaluationTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-");
    private readonly Bundle _bundle;

    public NewUserEvaluationTests() => _bundle = Bundle.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "b")));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_kind_is_chosen_by_those_who_trained_and_helps_those_who_come()
    {
        var report = new BundleEvaluation(_bundle, new Eligibility(ExcludeSeen: false, Kept: 99)).ByTime(Data(true));
        var news = report.NewUsers!;

        Assert.Equal("taste", news.Chosen);
        Assert.Equal(
            ["popularity", "segment taste", "segment coin", "chosen: segment taste"],
            news.FirstLists.Select(row => row.Name)
        );
        Assert.Equal(["model", "segment taste", "markov", "blend"], news.Curve.Select(row => row.Name));
        for (var column = 0; column < NewUserReport.FirstEvents.Count; column++)
        {
            var (popular, taste) = (news.FirstLists[0].Figures[column], news.FirstLists[1].Figures[column]);
            Assert.Equal(news.Users, taste.Cases);
            Assert.True(taste.Mean > popular.Mean + popular.StandardError, $"{popular} {taste}");
            Assert.Equal(taste, news.FirstLists[^1].Figures[column]);
        }
        // Users of ten events: none has a case after twenty.
        Assert.Equal([news.Users, news.Users, 2 * news.Users, 5 * news.Users, 0, 0], Cases(news.Curve[0]));
        Assert.All(news.Curve, row => Assert.Equal(Cases(news.Curve[0]), Cases(row)));
        var json = EvaluationJson.Of(report, []).ToJsonString();
        Assert.True(ContractFiles.IsValid("cli/evaluate.schema.json", json), json);
    }

    [Fact]
    public void Where_nothing_is_known_of_users_nothing_is_told() =>
        Assert.Null(
            new BundleEvaluation(_bundle, new Eligibility(ExcludeSeen: false, Kept: 99)).ByTime(Data(false)).NewUsers
        );

    [Fact]
    public void Lists_that_forget_stand_beside_those_that_do_not()
    {
        var forgetful = Bundle.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "f"), halfLifeMs: 600));
        foreach (var known in (bool[])[true, false])
        {
            var report = new BundleEvaluation(forgetful, new Eligibility(ExcludeSeen: false, Kept: 99)).ByTime(
                Data(known)
            );
            var news = report.NewUsers!;

            Assert.Equal(TimeSpan.FromMilliseconds(600), news.HalfLife);
            Assert.Equal(
                known
                    ?
                    [
                        "popularity",
                        "segment taste",
                        "segment coin",
                        "popular",
                        "segment taste, decayed",
                        "segment coin, decayed",
                        "chosen: segment taste, decayed",
                    ]
                    : ["popularity", "popular", "chosen: popular"],
                news.FirstLists.Select(row => row.Name)
            );
            Assert.Equal(known ? "taste" : null, news.Chosen);
            Assert.NotEqual(
                news.FirstLists.Single(row => row.Name == "popularity").Figures,
                news.FirstLists.Single(row => row.Name == "popular").Figures
            );
            // What readers get of users without a list, beside the plain baseline.
            Assert.Contains(report.Rankers, ranker => ranker.Ranker == "popular");
            Assert.Contains(report.Rankers, ranker => ranker.Ranker == "popularity");
            var json = EvaluationJson.Of(report, []).ToJsonString();
            Assert.True(ContractFiles.IsValid("cli/evaluate.schema.json", json), json);
        }
    }

    /// <summary>As a worker writes it for them.</summary>
    [Fact]
    public void A_user_of_unknown_items_gets_the_list_that_forgets()
    {
        using var ranker = new ModelRanker(
            Bundle.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "f"), halfLifeMs: 600))
        );
        var top = new int[3];

        Assert.Equal(3, ranker.List(new RankingCase(0, new[] { 0 }, 1), new Eligibility(true, 99), top));
        Assert.Equal([2, 3, 1], top);
    }

    private static IEnumerable<int> Cases(NewUserRow row) => row.Figures.Select(figure => figure.Cases);

    // Users come one after the other, so that the newest fifth of the events is of new ones.
    private static SequenceData Data(bool known)
    {
        var random = new Random(5);
        return SequenceData.From(
            Enumerable
                .Range(0, 250 * 10)
                .Select(at =>
                {
                    var user = at / 10;
                    var left = user % 2 == 0;
                    var item = (left ? 0 : 20) + Math.Min(random.Next(20), random.Next(20));
                    return new ClickEvent(
                        $"e{at:000000}",
                        $"u{user:000}",
                        item == 0 ? "a" : $"i{item:000}",
                        "click",
                        at
                    )
                    {
                        Segments = known
                            ? [left ? "taste:left" : "taste:right", user % 4 < 2 ? "coin:a" : "coin:b"]
                            : null,
                    };
                })
        );
    }
}
