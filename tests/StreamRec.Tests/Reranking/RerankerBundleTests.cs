using System.Text.Json.Nodes;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Serving;
using StreamRec.Tests.Training;
using StreamRec.Training.Data;
using StreamRec.Training.Reranking;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Reranking;

/// <summary>A re-ranker from its fit to the lists of a bundle that has it.</summary>
public sealed class RerankerBundleTests : IDisposable
{
    private static readonly Eligibility s_all = new(ExcludeSeen: false, Kept: 23);

    // An encoder that has learnt little of data in which an item is followed by the next one.
    private static readonly SequenceData s_data = SmallData.Chain(users: 160);
    private static readonly TrainedModel s_model = Trainer.Train(
        s_data.WithPrefixes(Splits.LeaveOneOut(s_data.Sequences).Training),
        SmallData.Options() with
        {
            Epochs = 1,
            ValidationUsers = 160,
        }
    );
    private static readonly FittedReranker s_fitted = Fit();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-");

    private string Dir => Path.Combine(_directory.FullName, "model");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Tables_know_nothing_of_what_validation_held_out()
    {
        var data = s_data.WithPrefixes(Splits.LeaveOneOut(s_data.Sequences).Training);
        var training = Trainer.HoldOut(data.Sequences, 160).Training;

        Assert.Equal(TransitionTable.Write(new EventPlaces(training, data.Items)), s_fitted.Transitions);
        Assert.Equal(WeightTable.Write(new EventPlaces(training, data.Items)), s_fitted.Weights);
        Assert.NotEqual(TransitionTable.Write(new EventPlaces(data.Sequences, data.Items)), s_fitted.Transitions);
    }

    [Fact]
    public void The_same_fit_has_the_same_bytes()
    {
        var again = Fit().ToContents();

        Assert.Equal(s_fitted.ToContents().Network.ToArray(), again.Network.ToArray());
    }

    [Fact]
    public void A_bundle_is_judged_with_and_without_its_network()
    {
        Write();
        var bundle = Bundle.Load(Dir);

        var rankers = new BundleEvaluation(bundle, s_all).LeaveOneOut(s_data).Rankers;

        Assert.True(s_fitted.Pays, $"{s_fitted.Before} {s_fitted.After}");
        Assert.Equal(["model", "model+network"], rankers.Take(2).Select(ranker => ranker.Ranker));
        Assert.True(rankers[1].Metrics.Ndcg(10) > rankers[0].Metrics.Ndcg(10) + .1);
        Assert.Equal(s_fitted.After.Ndcg10, bundle.Manifest.Quality["reranker.ndcg@10"]);
    }

    [Fact]
    public void A_rank_is_the_place_in_the_served_list()
    {
        Write(candidates: 10);
        var bundle = Bundle.Load(Dir);
        using var model = new ModelRanker(bundle);
        var ranker = model.With(ServedReranker.Of(bundle)!.Open());
        RankingCase[] cases =
        [
            .. Enumerable
                .Range(0, 60)
                .Select(at => new RankingCase(
                    at,
                    Enumerable.Range(0, 1 + at).Select(k => k % 7 == 3 ? 0 : 1 + ((at + k) % 40)).ToArray(),
                    1 + ((at * 3) % 40)
                )),
        ];
        int[] ranks = new int[cases.Length],
            first = new int[cases.Length],
            top = new int[bundle.Manifest.Items];

        ranker.Rank(cases, s_all, ranks);
        model.Rank(cases, s_all, first);

        Assert.Contains(first.Zip(ranks), pair => pair.First != pair.Second);
        Assert.All(first.Zip(ranks), pair => Assert.Equal(pair.First <= 10, pair.Second <= 10));
        foreach ((var asked, int rank) in cases.Zip(ranks))
        {
            Assert.Equal(rank, top.AsSpan(0, ranker.List(asked, s_all, top)).IndexOf(asked.Target) + 1);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void A_worker_writes_the_lists_that_are_judged(int listSize)
    {
        Write(candidates: 10);
        var bundle = Bundle.Load(Dir);
        var options = new ServingOptions
        {
            ListSize = listSize,
            ExcludeSeen = false,
            Sequence = new() { Kept = 23 },
        };
        using var models = new LiveModel(
            new ServingModel(bundle, new ServedEncoder(bundle), options, ServedReranker.OpenerOf(bundle))
        );
        var batch = new Recommender(models, options, TimeProvider.System, (_, _) => -1).Open(
            new PartitionIdentity("clicks", 0, "uuid", 1, "g")
        );
        using var model = new ModelRanker(bundle);
        var judged = model.With(ServedReranker.Of(bundle)!.Open());
        int[][] histories =
        [
            .. Enumerable
                .Range(0, 30)
                .Select(user => Enumerable.Range(0, 1 + user).Select(k => 1 + ((user + k) % 40)).ToArray()),
        ];
        for (var user = 0; user < histories.Length; user++)
        {
            Array.ForEach(histories[user], item => Click(batch, $"u{user}", bundle.ItemIds[item]));
        }
        var cache = new StateCache(100);
        batch.Gather(cache);
        batch.Fill([.. batch.Missing.Select(_ => (byte[]?)null)], cache);

        var writes = batch.Compute(new Claim(1, Guid.Empty), 0).Writes;

        var differ = 0;
        for (var user = 0; user < histories.Length; user++)
        {
            var list = PublishedList.Parse(writes.Single(write => write.UserId == $"u{user}").List.Span);
            var asked = new RankingCase(user, histories[user], 1);
            int[] with = new int[listSize],
                without = new int[listSize];
            judged.List(asked, s_all, with);
            model.List(asked, s_all, without);
            differ += with.SequenceEqual(without) ? 0 : 1;
            Assert.Equal(with.Select(item => bundle.ItemIds[item]), list.Items);
            Assert.Equal(list.Scores.OrderDescending(), list.Scores);
        }
        Assert.True(differ > 15);
    }

    [Fact]
    public void A_fit_that_gains_nothing_leaves_the_bundle_as_it_is()
    {
        var contents = s_model.ToContents();

        Assert.True(s_fitted.LeastGain > 0 && s_fitted.LeastGain < s_fitted.After.Ndcg10 - s_fitted.Before.Ndcg10);
        Assert.Null((s_fitted with { LeastGain = 0 }).AddTo(contents).Reranker);
        Assert.NotNull(s_fitted.AddTo(contents).Reranker);
    }

    [Fact]
    public void An_unknown_feature_is_refused_by_name()
    {
        Write();
        Change(reranker => reranker["features"] = new JsonArray("score", "weather"));

        Assert.Contains("'weather'", Refused());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(129)]
    public void A_number_of_candidates_that_cannot_be_is_refused(int candidates)
    {
        Write();
        Change(reranker => reranker["candidates"] = candidates);

        Assert.Contains($"{candidates}", Refused());
    }

    [Theory]
    [InlineData("reranker.onnx")]
    [InlineData("weights.bin")]
    [InlineData("transitions.bin")]
    public void A_bundle_that_lacks_a_part_is_refused_by_its_name(string file)
    {
        Write();
        var path = Path.Combine(Dir, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["files"]!.AsObject().Remove(file);
        File.WriteAllText(path, manifest.ToJsonString());

        Assert.Contains(file, Refused());
    }

    [Fact]
    public void A_table_of_other_items_is_refused_by_its_name()
    {
        var contents = s_fitted.ToContents();
        BundleWriter.Write(
            Dir,
            s_model.ToContents() with
            {
                Reranker = contents with { Transitions = contents.Weights },
            }
        );

        Assert.Contains("transitions.bin", Refused());
    }

    [Fact]
    public void A_graph_of_other_features_is_refused_when_it_is_served()
    {
        Write();
        Change(reranker => reranker["features"] = new JsonArray("score", "rank"));

        var fault = Assert.Throws<StreamRecException>(() => ServedReranker.Of(Bundle.Load(Dir)));
        Assert.Contains("reranker.onnx", fault.Message);
    }

    private static FittedReranker Fit() =>
        RerankerFit.Of(s_model, s_data.WithPrefixes(Splits.LeaveOneOut(s_data.Sequences).Training));

    private void Write(int candidates = RerankerFit.Candidates)
    {
        var contents = s_fitted.AddTo(s_model.ToContents());
        BundleWriter.Write(
            Dir,
            contents with
            {
                Reranker = contents.Reranker! with
                {
                    Manifest = contents.Reranker.Manifest with { Candidates = candidates },
                },
            }
        );
    }

    private void Change(Action<JsonNode> change)
    {
        var path = Path.Combine(Dir, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        change(manifest["reranker"]!);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private static void Click(PartitionBatch batch, string user, string item)
    {
        var click = new ClickEvent($"e{batch.Log.Count}", user, item, "click", 1_700_000_000_000 + batch.Log.Count);
        batch.Log.Add(
            new LogRecord(
                batch.Log.Count,
                0,
                click.TimeMs,
                System.Text.Encoding.UTF8.GetBytes(user),
                EventJson.ToUtf8(click)
            )
        );
    }

    private string Refused() => Assert.Throws<StreamRecException>(() => Bundle.Load(Dir)).Message;
}
