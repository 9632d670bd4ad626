using System.Text.Json.Nodes;
using System.Xml.Linq;
using StreamRec.Training.Options;
using StreamRec.Training.Sweeps;

namespace StreamRec.Tests.Training;

public sealed class SweepTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_stopped_sweep_goes_on_where_it_stood()
    {
        var plan = Plan(
            """
            {"base": {"dimension": 16, "window": 12, "epochs": 3,
                      "batch_positions": 256, "learning_rate": 0.02, "shards": 2},
             "try": {"architecture": ["lstm-attention", "lstm-dense"], "label_smoothing": [0, 0.1]}}
            """
        );
        var sweep = new Sweep(Path.Combine(_directory, "out"), plan, SmallData.Chain());
        using var cancel = new CancellationTokenSource();
        var first = new List<(string, int)>();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            sweep.Run(
                plan.Grid(),
                (trial, p) =>
                {
                    first.Add((trial.ToJsonString(), p.Epoch));
                    if (first.Count == 5)
                    {
                        cancel.Cancel();
                    }
                },
                cancel.Token
            )
        );
        var then = new List<(string, int)>();

        var results = sweep.Run(plan.Grid(), (trial, p) => then.Add((trial.ToJsonString(), p.Epoch)));

        Assert.Equal(4, results.Count);
        Assert.Equal(4 * 3, first.Count + then.Count);
        Assert.Empty(first.Intersect(then));
        Assert.All(results, trial => Assert.Equal([1, 2, 3], trial.Curve.Select(point => point.Epoch)));
        Assert.Equal(results.Select(trial => trial.Ndcg10).OrderDescending(), results.Select(trial => trial.Ndcg10));
        Assert.Equal(4 + 2, File.ReadAllLines(Path.Combine(_directory, "out", "results.md")).Length);
        Assert.Equal(
            4,
            XDocument
                .Load(Path.Combine(_directory, "out", "curves.svg"))
                .Descendants()
                .Count(e => e.Name.LocalName == "polyline")
        );
        var best = ModelConfig.Read(Path.Combine(_directory, "out", "best.json"));
        Assert.Equal(results[0].Trial["architecture"]!.GetValue<string>(), best.Architecture);
        Assert.Equal(16, best.Dimension);
    }

    [Fact]
    public void Trials_are_a_grid_a_draw_or_one_at_a_time()
    {
        var plan = Plan("""{"try": {"dimension": [16, 32, 64], "residual": [true, false]}}""");

        Assert.Equal(6, plan.Grid().Select(trial => trial.ToJsonString()).Distinct().Count());
        Assert.Equal(4, plan.Draw(4, 1).Select(trial => trial.ToJsonString()).Distinct().Count());
        Assert.Equal(["{}", """{"dimension":16}"""], plan.OneAtATime().Take(2).Select(trial => trial.ToJsonString()));
        Assert.Equal(6, plan.OneAtATime().Count());
        Assert.Equal(32, plan.Options(new JsonObject { ["dimension"] = 32 }).Dimension);
    }

    [Fact]
    public void Names_what_is_no_option()
    {
        var fault = Assert.Throws<StreamRecException>(() => Plan("""{"try": {"dimensions": [16]}}"""));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("dimensions", fault.Message);
    }

    [Fact]
    public void A_value_out_of_range_is_told_before_the_first_trial()
    {
        var plan = Plan("""{"base": {"window": 12}, "try": {"dimension": [16, 17]}}""");
        var sweep = new Sweep(Path.Combine(_directory, "out"), plan, SmallData.Chain());

        var fault = Assert.Throws<StreamRecException>(() => sweep.Run(plan.Grid()));

        Assert.Contains("dimension is 17", fault.Message);
        Assert.False(Directory.Exists(Path.Combine(_directory, "out")));
    }

    private SweepPlan Plan(string json)
    {
        string path = Path.Combine(_directory, "plan.json");
        File.WriteAllText(path, json);
        return SweepPlan.Read(path);
    }
}
