using StreamRec.Models;
using StreamRec.Registry.Commands;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Registry;

/// <summary>What `streamrec models` prints, and why it keeps a bundle.</summary>
public sealed class ModelsOutputTests
{
    private const long Day = 86_400_000;

    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeMilliseconds(100 * Day);
    private static readonly RegisteredBundle s_live = Bundle('1', "live"),
        s_staged = Bundle('2', "staged"),
        s_before = Bundle('3', "before"),
        s_loaded = Bundle('4', "loaded"),
        s_promoted = Bundle('5', "promoted"),
        s_named = Bundle('6', "named"),
        s_old = Bundle('7', "old"),
        s_young = Bundle('8', "young", pushedDay: 99);

    private static readonly WorkerReport s_worker = new()
    {
        Id = "w",
        Host = "h",
        Pid = 7,
        Topic = "clicks",
        Group = "g",
        Promotion = 12,
        Digest = s_live.Digest,
        Model = "live",
        Loaded = [s_live.Digest, s_loaded.Digest],
        Asked = s_staged.Digest,
        State = WorkerReport.Refused,
        Reason = "vectors.f32: broken",
    };

    private static readonly LivePointer s_pointer = new(12, s_live.Digest, "live", "me", 99 * Day, "why");

    private static readonly ModelsListing s_listing = new(
        "/models",
        new(s_pointer, new(s_staged.Digest, "staged", "me", 99 * Day)),
        new(11, 98 * Day, s_before.Digest, "before", "me", "", Kinds.Promote),
        [s_live, s_staged, s_before, s_loaded, s_promoted, s_named, s_old, s_young],
        [s_worker]
    );

    [Fact]
    public void Whatever_is_printed_for_machines_is_as_its_schema_says()
    {
        var done = new Promotion(s_pointer, Kinds.Promote, 1, [s_worker], [], 4, TimeSpan.FromMilliseconds(12.7));
        var empty = s_listing with { Pointer = new(null, null), Previous = null, Bundles = [], Workers = [] };
        var reasons = new Dictionary<RegisteredBundle, string?> { [s_live] = "live", [s_old] = null };
        (string Schema, string Json)[] printed =
        [
            ("push", ModelsPushCommand.Json(s_live.Digest, "live", 3, isNew: true, probeBrought: false)),
            ("list", s_listing.ToJson()),
            ("list", empty.ToJson()),
            ("stage", ModelsStageCommand.Json(s_staged.Digest, "staged", [s_worker])),
            ("stage", ModelsStageCommand.Json(null, null, [])),
            ("promote", ModelsPromoteCommand.Json(done)),
            ("rollback", ModelsPromoteCommand.Json(done)),
            ("gc", ModelsGcCommand.Json(reasons, done: false)),
        ];

        Assert.All(
            printed,
            one => Assert.True(ContractFiles.IsValid($"cli/models-{one.Schema}.schema.json", one.Json), one.Json)
        );
        Assert.Equal(
            $"{{\"promotion\":12,\"kind\":\"promote\",\"digest\":\"{s_live.Digest}\",\"model\":\"live\",\"workers\":1,"
                + "\"behind\":[\"h/7\"],\"gone\":[],\"sealed\":4,\"milliseconds\":12}",
            ModelsPromoteCommand.Json(done)
        );
    }

    [Fact]
    public void The_table_says_what_is_live_and_how_each_worker_stands()
    {
        var text = s_listing.ToText();

        Assert.StartsWith("Live: model live by promotion 12, me, 1970-04-10 00:00:00Z (why)", text);
        Assert.Matches("444444444444 +loaded +3 +0.0 +1970-01-11 00:00:00Z\n", text);
        Assert.Contains("222222222222 refused: vectors.f32: broken", text);
    }

    [Fact]
    public void A_bundle_is_kept_for_each_reason_that_somebody_may_need_it()
    {
        PastPromotion[] history = [new(5, 80 * Day, s_promoted.Digest, "promoted", "me", "", Kinds.Promote)];
        string?[] expected =
        [
            "live",
            "staged",
            "previous",
            "loaded by a worker",
            "promoted lately",
            "named by lists that are there",
            null,
            "pushed lately",
        ];

        var reasons = s_listing.Bundles.Select(bundle =>
            ModelsGcCommand.Reason(bundle, s_listing, history, new HashSet<string> { "named" }, s_now.AddDays(-30))
        );

        Assert.Equal(expected, reasons);
    }

    [Theory]
    [InlineData("""{"format":1,"kind":"model","model":"a\"b","items":["x""", "a\"b")]
    [InlineData("""{"format":1,"other":{"model":"no"},"model":"yes"}""", "yes")]
    [InlineData("""{"format":1,"kind":"mo""", null)]
    [InlineData("no list", null)]
    [InlineData("", null)]
    public void The_model_of_a_list_is_read_from_where_it_begins(string begin, string? model) =>
        Assert.Equal(model, ListedModels.ModelOf(System.Text.Encoding.UTF8.GetBytes(begin)));

    private static RegisteredBundle Bundle(char digit, string model, int pushedDay = 10) =>
        new(
            new(new string(digit, 64), DateTimeOffset.FromUnixTimeMilliseconds(pushedDay * Day), 1_000),
            new BundleManifest
            {
                Format = 1,
                ModelId = model,
                Dimension = 2,
                Window = 5,
                Items = 3,
                Files = new Dictionary<string, string>(),
            }
        );
}
