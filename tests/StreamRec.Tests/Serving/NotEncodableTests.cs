using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Encoders;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Hosting.Halts;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Training.Export;

namespace StreamRec.Tests.Serving;

/// <summary>
/// Users for whom a model has no usable vector: they get no list, are counted and named, and everybody else goes
/// on.
/// </summary>
public sealed class NotEncodableTests : IDisposable
{
    private const int Items = 400,
        Window = 4,
        NotANumber = 200,
        Endless = 201,
        FarTooLarge = 202;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly Bundle _bundle;
    private readonly Dictionary<string, byte[]> _store = [];
    private readonly List<string> _told = [];
    private readonly List<LiveModel> _models = [];
    private long _offset;

    public NotEncodableTests()
    {
        float[] vectors =
        [
            0,
            0,
            .. Enumerable.Range(1, Items).SelectMany(item => new float[] { item, 3 - (item % 7) }),
        ];
        float[] table = [.. vectors];
        (table[2 * NotANumber], table[2 * Endless], table[2 * FarTooLarge]) = (
            float.NaN,
            float.PositiveInfinity,
            3e38f
        );
        BundleWriter.Write(
            _directory,
            new BundleContents
            {
                Dimension = 2,
                Window = Window,
                ItemIds = [.. Enumerable.Range(0, Items + 1).Select(item => item == 0 ? "" : $"i{item}")],
                Vectors = vectors,
                Counts = new long[Items + 1],
                Encoder = Mean(table),
            }
        );
        _bundle = Bundle.Load(_directory);
    }

    public void Dispose()
    {
        _models.ForEach(models => models.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void They_get_no_list_and_are_named_and_the_others_get_theirs()
    {
        var recommender = Started();

        var lists = Lists(
            recommender,
            ("nan", NotANumber),
            ("good", 7),
            ("endless", Endless),
            ("large", FarTooLarge),
            ("fine", 9)
        );

        Assert.Equal(["fine", "good"], lists.Keys.Order());
        Assert.Equal(["endless", "large", "nan"], _told.Order());
        Assert.Equal(3, recommender.Counters.NotEncodable);
        Assert.Equal("i400", lists["good"].Items[0]);
        Assert.Equal(5, _store.Count);
    }

    /// <summary>A restart begins where the states are, and no user stands in its way.</summary>
    [Fact]
    public void A_restart_goes_on_and_the_user_has_a_list_once_the_item_lies_behind_the_block()
    {
        Lists(Started(), ("u", NotANumber));
        for (int events = 2; events < 2 * Window; events++)
        {
            Assert.Empty(Lists(Started(), ("u", 5)));
        }
        Assert.Single(Lists(Started(), ("u", 5)));
    }

    [Fact]
    public void Evaluate_gives_them_what_a_reader_falls_back_to()
    {
        using var ranker = new ModelRanker(_bundle, null);
        var ranks = new int[3];

        ranker.Rank(
            [.. new[] { NotANumber, FarTooLarge, 0 }.Select(item => new RankingCase(item, new[] { item }, 7))],
            Eligibility.Of(_bundle.Manifest, false),
            ranks
        );

        Assert.Equal([ranks[2], ranks[2]], ranks[..2]);
    }

    [Fact]
    public void A_halt_of_the_encoder_says_another_bundle_and_nothing_of_states()
    {
        string text = HaltText.Of(
            new PartitionHalt(
                s_partition,
                HaltReason.ProcessorFailed,
                new LogPosition(7, 1),
                Error: new EncoderFailedException("encoder.onnx failed.")
            )
        );

        Assert.Contains("encoder.onnx failed.", text);
        Assert.Contains("--bundle", text);
        Assert.DoesNotContain("recover --", text);
        Assert.DoesNotContain("bug", text);
    }

    private Recommender Started()
    {
        var options = new ServingOptions
        {
            ListSize = 3,
            Sequence = new SequenceOptions { Kept = (2 * Window) - 1 },
        };
        _models.Add(TestEncoders.Live(_bundle, options));
        var recommender = new Recommender(_models[^1], options, TimeProvider.System, (_, _) => -1);
        recommender.NotEncodable += _told.Add;
        return recommender;
    }

    private Dictionary<string, PublishedList> Lists(Recommender recommender, params (string User, int Item)[] clicks)
    {
        var batch = recommender.Open(s_partition);
        var cache = new StateCache(16);
        foreach (var (user, item) in clicks)
        {
            var click = new ClickEvent($"e{_offset}", user, $"i{item}", "click", 1_700_000_000_000 + _offset);
            batch.Log.Add(
                new LogRecord(
                    _offset++,
                    3,
                    click.TimeMs,
                    System.Text.Encoding.UTF8.GetBytes(user),
                    EventJson.ToUtf8(click)
                )
            );
        }
        batch.Gather(cache);
        batch.Fill([.. batch.Missing.Select(_store.GetValueOrDefault)], cache);
        var lists = new Dictionary<string, PublishedList>();
        foreach (var write in batch.Compute(new Claim(1, Guid.Empty), 0).Writes)
        {
            _store[write.UserId] = write.State.ToArray();
            if (write.List.Length > 0)
            {
                lists[write.UserId] = PublishedList.Parse(write.List.Span);
            }
        }
        batch.Clear();
        return lists;
    }

    private static byte[] Mean(float[] table)
    {
        var graph = new OnnxGraph("mean");
        graph.Input("items", OnnxFields.DataType.Int64, "b", "l");
        graph.Input("lengths", OnnxFields.DataType.Int64, "b");
        graph.Output("user", OnnxFields.DataType.Float, "b", 2);
        graph.Constant("table", table, table.Length / 2, 2);
        graph.Constant("axis", [1L], 1);
        graph.Node("Gather", "x", ["table", "items"]);
        graph.Node("ReduceSum", "sum", ["x", "axis"], ("keepdims", 0));
        graph.Node("Cast", "count", ["lengths"], ("to", OnnxFields.DataType.Float));
        graph.Node("Unsqueeze", "column", ["count", "axis"]);
        graph.Node("Div", "user", ["sum", "column"]);
        return graph.ToBytes();
    }
}
