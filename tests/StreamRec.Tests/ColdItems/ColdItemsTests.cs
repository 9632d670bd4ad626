using StreamRec.Catalogue;
using StreamRec.ColdItems;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Training;
using StreamRec.Towers;
using StreamRec.Training.ColdItems;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;
using StreamRec.Training.Towers;

namespace StreamRec.Tests.ColdItems;

/// <summary>
/// A shop of ten kinds of things, in which everybody takes something of the next kind each time: what an item is like
/// tells who wants it next, and is not what the last ones were like.
/// </summary>
public sealed class ColdItemsTests
{
    private const int Kinds = 10,
        Items = 300;

    private static readonly SequenceData s_data = Shop(200);
    private static readonly Lazy<ColdItemsReport> s_report = new(() =>
        ColdItemsEvaluation.Of(s_data, FactsOf, Train, [0.02, 0.1, 0.3], seed: 7)
    );

    [Fact]
    public void New_items_are_found_by_what_they_are_like()
    {
        var rankers = s_report.Value.AmongNew.ToDictionary(ranker => ranker.Name);

        Assert.Equal((Items, Items / 10), (s_report.Value.Items, s_report.Value.NewItems));
        Assert.True(s_report.Value.Cases > 150);
        Assert.False(rankers["popularity"].Available);
        // Three of the thirty are of the right kind, and equal: each of them is third of its kind or better.
        Assert.True(rankers["tower"].HitRate10 > .9, $"{rankers["tower"]}");
        Assert.True(rankers["tower"].Ndcg10 > 2 * rankers["random"].Ndcg10);
        Assert.True(rankers["tower"].Ndcg10 > rankers["popularity"].Ndcg10);
        Assert.True(rankers["tower"].Ndcg10 > rankers["content cosine, last 5"].Ndcg10);
        Assert.Equal(10 / 30.0, rankers["random"].HitRate10, 0.05);
        Assert.True(s_report.Value.Tower.Pays);
    }

    [Fact]
    public void A_larger_share_of_the_slots_brings_more_new_items_and_costs_known_ones()
    {
        var rows = s_report.Value.AmongAll;

        Assert.Equal([null, 0.02, 0.1, 0.3], rows.Select(row => row.Share));
        for (var row = 2; row < rows.Count; row++)
        {
            Assert.True(rows[row - 1].Slots < rows[row].Slots);
            Assert.True(rows[row - 1].NewNdcg10 < rows[row].NewNdcg10);
        }
        Assert.True(rows[3].KnownNdcg10 < s_report.Value.KnownNdcg10);
        Assert.InRange(rows[2].Slots, 0.04, 0.25);
    }

    [Fact]
    public void The_report_for_machines_is_as_its_schema_says()
    {
        var json = ColdItemsJson.Of(s_report.Value).ToJsonString();

        Assert.True(ContractFiles.IsValid("cli/evaluate-cold-items.schema.json", json), json);
    }

    [Fact]
    public void Where_few_users_are_held_out_it_is_said_that_those_judged_were_trained_on() =>
        Assert.Contains(
            "treated as new, which the model was trained on: NDCG@10",
            TowerText.Told(s_report.Value.Tower)
        );

    [Fact]
    public void Too_few_items_are_told()
    {
        var few = SmallData.Chain(users: 20, items: 12);

        var fault = Assert.Throws<StreamRecException>(() =>
            ColdItemsEvaluation.Of(few, FactsOf, Train, [0.05], seed: 7)
        );
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("12 items are too few", fault.Message);
    }

    [Fact]
    public void What_tells_nothing_ships_no_tower()
    {
        var data = Shop(150);
        var trained = Train(data);
        // As many kinds as there are, and none has anything to do with who takes what.
        var random = new Random(11);
        var facts = data.ItemIds.Select((_, item) => item == 0 ? null : OfKind(random.Next(6))).ToArray();

        var fitted = TowerFit.Fit(TowerInput.Of(trained, data, facts));
        var contents = fitted.AddTo(trained.ToContents());

        Assert.False(fitted.Pays);
        Assert.Null(contents.Tower);
        Assert.True(contents.Quality.ContainsKey("tower.ndcg@10"));
        Assert.Contains("not sure", TowerText.Told(fitted));
    }

    [Fact]
    public void Nothing_is_fitted_to_items_of_which_nothing_is_known()
    {
        var data = Shop(40);
        var fitted = TowerFit.Fit(TowerInput.Of(Train(data), data, new ItemFacts?[data.Items + 1]));

        Assert.Null(fitted.Rows);
        Assert.Contains("of 0 known ones", TowerText.Told(fitted));
    }

    [Fact]
    public void A_bundle_with_a_tower_makes_the_vectors_that_were_judged()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
        try
        {
            var fitted = s_report.Value.Tower;
            BundleWriter.Write(directory, fitted.AddTo(Train(Shop(40)).ToContents()));
            var (written, read) = (new ItemTower(fitted.Rows!), new ItemTower(Bundle.Load(directory).Tower!));
            float[] left = new float[written.Dimension],
                right = new float[read.Dimension];

            Assert.Equal(written.Embed(OfKind(3), left), read.Embed(OfKind(3), right));
            Assert.Equal(left, right);
            Assert.Equal(written.At(0.07), read.At(0.07));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static TrainedModel Train(SequenceData data) =>
        Trainer.Train(data, SmallData.Options() with { ValidationUsers = 1000, FilterSeen = true, Epochs = 6 });

    private static ItemFacts? FactsOf(string id) => OfKind(int.Parse(id[1..]) % Kinds);

    private static ItemFacts OfKind(int kind) =>
        new(null, [$"kind {kind}"], new Dictionary<string, AttributeValue>(), new(Available: true));

    private static SequenceData Shop(int users)
    {
        var random = new Random(3);
        var events = new List<ClickEvent>();
        for (var user = 0; user < users; user++)
        {
            var kind = random.Next(Kinds);
            for (var at = 0; at < 20; at++)
            {
                var item = (random.Next(Items / Kinds) * Kinds) + ((kind + at) % Kinds);
                events.Add(new ClickEvent($"e{user}-{at:00}", $"u{user}", $"i{item:000}", "click", 1000L * at));
            }
        }
        return SequenceData.From(events);
    }
}
