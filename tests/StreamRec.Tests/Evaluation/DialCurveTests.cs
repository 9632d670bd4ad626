using System.Text.Json;
using System.Xml.Linq;
using StreamRec.Catalogue;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Ranking.Variety;
using StreamRec.Serving;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Serving;
using StreamRec.Training.Data;

namespace StreamRec.Tests.Evaluation;

/// <summary>What `evaluate --dial` prints is what `work --dial` does.</summary>
public sealed class DialCurveTests : IDisposable
{
    private const int Window = 4,
        Items = 300;

    private static readonly Eligibility s_unseen = new(ExcludeSeen: true, Kept: 2 * Window - 1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-dial-");
    private readonly Bundle _bundle;

    public DialCurveTests()
    {
        using var random = new RandomBundle(Window, Items);
        var place = Path.Combine(_directory.FullName, "bundle");
        BundleWriter.Write(
            place,
            new()
            {
                Dimension = random.Bundle.Manifest.Dimension,
                Window = Window,
                ItemIds = random.Bundle.ItemIds,
                Vectors = random.Bundle.Vectors,
                Counts = (long[])[0, .. Enumerable.Range(1, Items).Select(item => (long)(1 + (item * item % 101)))],
                Inputs = random.Bundle.Manifest.Inputs,
                Encoder = random.Bundle.ReadEncoder(),
                Step = random.Bundle.StepPath is null ? default : random.Bundle.ReadStep(),
                Categories =
                [
                    [],
                    .. Enumerable.Range(1, Items).Select(item => (string[])[$"c{item % 9}", $"d{item % 2}"]),
                ],
            }
        );
        _bundle = Bundle.Load(place);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_figures_move_as_the_dial_does_and_stand_in_the_report()
    {
        var evaluation = new BundleEvaluation(_bundle, s_unseen) { Dials = [0, .5f, 1] };

        var report = evaluation.LeaveOneOut(Data());

        var (none, full) = (report.Dial[0], report.Dial[2]);
        Assert.Equal(report.Rankers[0].Metrics.Ndcg(10), none.Metrics.Ndcg(10), 1e-9);
        Assert.Equal(report.Rankers[0].Metrics.HitRate(10), none.Metrics.HitRate(10), 1e-9);
        Assert.True(full.Lists!.Divergence < .8 * none.Lists!.Divergence);
        Assert.True(full.Lists.Distance > none.Lists.Distance);
        Assert.True(full.Lists.Novelty > none.Lists.Novelty);
        Assert.InRange(
            report.Dial[1].Lists!.Divergence!.Value,
            full.Lists.Divergence!.Value,
            none.Lists.Divergence!.Value
        );
        var json = EvaluationJson.Of(report, []).ToJsonString();
        Assert.True(ContractFiles.IsValid("cli/evaluate.schema.json", json), json);
        using var read = JsonDocument.Parse(json);
        Assert.Equal(
            [0, .5, 1],
            read.RootElement.GetProperty("model+dial")
                .EnumerateArray()
                .Select(one => one.GetProperty("dial").GetDouble())
        );
        var picture = XDocument.Parse(DialSvg.Of(report.Dial));
        Assert.Contains(picture.Descendants(), element => element.Value == "KL");
    }

    [Fact]
    public void A_worker_writes_the_lists_that_are_judged()
    {
        var options = new ServingOptions
        {
            ListSize = 30,
            Dial = .5f,
            Sequence = new() { Kept = 2 * Window - 1 },
        };
        using var models = TestEncoders.Live(_bundle, options);
        var scene = new ServingScene(new Recommender(models, options, ServingScene.Clock, (_, _) => -1));
        var data = Data();
        (string, string)[] clicks =
        [
            .. data.Sequences.SelectMany(
                (items, user) => items.ToArray().Select(item => (data.UserIds[user], data.ItemIds[item]))
            ),
        ];
        var lists = scene.Work(clicks);
        using var model = new ModelRanker(_bundle, new ItemUnion(_bundle, data.ItemIds));
        var varied = new VarietyReranker(new(_bundle), DialPath.At(.5f), 10);
        var differ = 0;

        model.Candidates(
            [.. data.Sequences.Select((items, user) => new RankingCase(user, items, 1))],
            s_unseen,
            200,
            (one, items, scores) =>
            {
                int[] list = items.ToArray();
                varied.Choose(one.History.Span[^(2 * Window - 1)..], list, scores.ToArray(), 30);
                differ += list[..10].SequenceEqual(items[..10].ToArray()) ? 0 : 1;
                Assert.Equal(list[..30].Select(item => _bundle.ItemIds[item]), lists[data.UserIds[one.User]].Items);
            }
        );
        Assert.True(differ > 10);
    }

    [Fact]
    public void A_file_of_items_gives_categories_by_id_and_tells_what_is_wrong()
    {
        var file = Path.Combine(_directory.FullName, "items.jsonl");
        File.WriteAllLines(
            file,
            [
                """{"item_id":"b","categories":["x"],"title":"B"}""",
                """{"item_id":"stranger","categories":["z"]}""",
                """{"item_id":"a"}""",
                """{"categories":["z"]}""",
                "no JSON",
                """{"item_id":"b","categories":["x","y"]}""",
            ]
        );

        Assert.Equal(
            [
                [],
                [],
                ["x", "y"],
            ],
            ItemFactsFile.Read(file, ["", "a", "b"]).Categories(["", "a", "b"])
        );
        var fault = Assert.Throws<StreamRecException>(() => ItemFactsFile.Read(file, ["", "other"]));
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("'other'", fault.Message);
    }

    [Theory]
    [InlineData("0,.5,1", true)]
    [InlineData("2", false)]
    [InlineData("0;1", false)]
    [InlineData("", false)]
    public void Places_of_the_dial_are_numbers_from_0_to_1(string text, bool good)
    {
        if (good)
        {
            Assert.Equal([0, .5f, 1], DialCurve.Parse(text));
        }
        else
        {
            Assert.Contains("0,.25,.5,.75,1", Assert.Throws<StreamRecException>(() => DialCurve.Parse(text)).Message);
        }
    }

    private SequenceData Data()
    {
        var random = new Random(2);
        return SequenceData.From(
            Enumerable
                .Range(0, 60)
                .SelectMany(user =>
                    Enumerable
                        .Range(0, 12)
                        .Select(at => new ClickEvent(
                            $"e{user}-{at}",
                            $"u{user:00}",
                            // What a user takes is of few categories.
                            _bundle.ItemIds[1 + ((random.Next(30) * 9) + (user % 9)) % Items],
                            "click",
                            1_700_000_000_000 + at
                        ))
                )
        );
    }
}
