using System.Text;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking.Caps;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Serving;

namespace StreamRec.Tests.Catalogue;

/// <summary>
/// Items that no model was trained on are listed and count in sequences, as the state of the catalogue that a list
/// names says, whoever had the user in memory.
/// </summary>
public sealed class NewItemServingTests : IDisposable
{
    private const int Window = 4,
        Items = 30;

    private static readonly ServingOptions s_options = new()
    {
        ListSize = 40,
        Sequence = new SequenceOptions { Kept = (2 * Window) - 1 },
    };

    private readonly RandomBundle _random = new(Window, Items, categories: item => [$"{item % 3}"]);
    private readonly TestEncoders _encoders;
    private readonly List<LogRecord> _log = [];

    public NewItemServingTests() => _encoders = new TestEncoders(_random.Bundle);

    public void Dispose()
    {
        _encoders.Dispose();
        _random.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_new_item_is_listed_and_a_click_on_it_counts(bool bySteps)
    {
        var bundle = _random.Bundle;
        Fill();
        Say("new", $$$"""{"attributes":{"like":"{{{bundle.ItemIds[7]}}}"}}""");
        using var worker = Start(bySteps: bySteps);
        worker.Read(_log);

        var lists = worker.Scene.Work([
            ("a", bundle.ItemIds[7]),
            ("b", "new"),
            ("c", "unknown"),
            ("c", bundle.ItemIds[1]),
        ]);

        // Both have the same vector, and equal scores stand in the order of the bundle.
        Assert.Contains("new", lists["c"].Items);
        Assert.Equal(
            1,
            lists["c"].Items.ToList().IndexOf("new") - lists["c"].Items.ToList().IndexOf(bundle.ItemIds[7])
        );
        Assert.Equal(lists["a"].Items.Select(id => id == "new" ? bundle.ItemIds[7] : id), lists["b"].Items);
        Assert.Equal(lists["a"].Scores, lists["b"].Scores);
    }

    [Fact]
    public void Who_clicked_an_item_before_its_record_came_is_looked_up_again()
    {
        var bundle = _random.Bundle;
        Fill();
        using Worker worker = Start(),
            other = Start();
        worker.Read(_log);
        worker.Scene.Work([("u", bundle.ItemIds[3]), ("u", "late"), ("u", bundle.ItemIds[4])]);
        Say("late", """{"title":"q"}""");
        worker.Read(_log);
        other.Read(_log);
        other.Take(worker);

        var (cached, read) = (
            worker.Scene.Work([("u", bundle.ItemIds[5])]),
            other.Scene.Work([("u", bundle.ItemIds[5])])
        );

        Assert.Equal(read["u"].Items, cached["u"].Items);
        Assert.Equal(read["u"].Scores, cached["u"].Scores);
        Assert.DoesNotContain("late", cached["u"].Items);
    }

    /// <summary>γ·u·v + b + β, by the table of the golden bundle's tower.</summary>
    [Fact]
    public void A_bundles_tower_makes_new_items_by_the_share_that_is_asked_for()
    {
        var bundle = Bundle.Load(
            Path.Combine(ContractFiles.Root, "tests", "StreamRec.Tests", "Golden", "bundles", "tower")
        );
        using var encoders = new TestEncoders(bundle);
        foreach (var id in bundle.ItemIds.Skip(1).Append("new"))
        {
            Say(id, "{}");
        }
        // Of the table: 1.5 and −0.5 for a fiftieth, 2.5 and 1.5 for a tenth.
        var (less, more) = (Score(0.02f), Score(0.1f));

        Assert.Equal((less!.Value + 0.5f) / 1.5f, (more!.Value - 1.5f) / 2.5f, 1e-4f);
        Assert.NotEqual(less, more);
        Assert.Null(Score(0));

        float? Score(float share)
        {
            var options = s_options with { NewItemShare = share };
            using var worker = new Worker(bundle, options, new Lent(encoders, bySteps: true), vectors: null);
            worker.Read(_log);
            var list = worker.Scene.Work([("u", bundle.ItemIds[1])])["u"];
            var at = list.Items.ToList().IndexOf("new");
            return at < 0 ? null : list.Scores[at];
        }
    }

    /// <summary>Rule 6, and ties by ids: the other worker reads a log that was compacted, in an order of its
    /// own.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_list_does_not_depend_on_who_had_the_user_in_memory(int seed, bool varied)
    {
        var (random, bundle) = (new Random(seed), _random.Bundle);
        var options = varied ? s_options with { Dial = 0.5f, Cap = new ListCap("category", 2, 10) } : s_options;
        Fill();
        using var worker = Start(options);
        var listed = new HashSet<string>();
        for (var round = 0; round < 20; round++)
        {
            for (var changes = random.Next(5); changes > 0; changes--)
            {
                Change(random);
            }
            using var other = Start(options);
            worker.Read(_log);
            other.Take(worker);
            other.Read(Compacted(random));
            (string, string)[] clicks =
            [
                .. Enumerable
                    .Range(0, 6)
                    .Select(_ =>
                        (
                            $"u{random.Next(4)}",
                            random.Next(2) == 0 ? bundle.ItemIds[random.Next(1, Items + 1)] : $"new-{random.Next(12)}"
                        )
                    ),
            ];

            var (cached, read) = (worker.Scene.Work(clicks), other.Scene.Work(clicks));

            Assert.Equal(read.Keys, cached.Keys);
            foreach (var (user, list) in read)
            {
                Assert.Equal(list.Items, cached[user].Items);
                Assert.Equal(list.Scores, cached[user].Scores);
                listed.UnionWith(list.Items.Where(id => id.StartsWith("new-", StringComparison.Ordinal)));
            }
        }
        Assert.True(listed.Count > 6);
    }

    [Fact]
    public void Withdrawn_and_unavailable_new_items_are_not_listed_and_readers_leave_them_out()
    {
        var bundle = _random.Bundle;
        Fill();
        Say("gone", """{"title":"a"}""");
        Say("sold-out", """{"title":"b"}""");
        Say("there", """{"title":"c"}""");
        using var worker = Start();
        worker.Read(_log);
        Assert.Equal(
            ["gone", "sold-out", "there"],
            worker.Scene.Work([("u", bundle.ItemIds[1])])["u"].Items.Except(bundle.ItemIds).Order()
        );
        Say("gone", "");
        Say("sold-out", """{"title":"b","available":false}""");
        worker.Read(_log);

        Assert.Equal(["there"], worker.Scene.Work([("u", bundle.ItemIds[1])])["u"].Items.Except(bundle.ItemIds));
        Assert.Equal(["gone", "sold-out"], worker.Withdrawn().Order());
        // Also by who starts afterwards.
        using var other = Start();
        other.Told = new ToldItems(worker.Withdrawn());
        other.Read(Compacted(new Random(1)));
        Assert.Equal(["gone", "sold-out"], other.Withdrawn().Order());
    }

    /// <summary>A batch that comes too late for the last two states still has all of its own.</summary>
    [Fact]
    public void A_state_that_is_long_past_is_what_it_was()
    {
        var bundle = _random.Bundle;
        Fill();
        Say("first", """{"title":"a"}""");
        using var worker = Start();
        worker.Read(_log);
        var past = worker.Recommender.Catalogue;
        var list = worker.Scene.Work([("u", bundle.ItemIds[1])])["u"];
        foreach (var id in (string[])["second", "third", "fourth"])
        {
            Say(id, """{"title":"a"}""");
            worker.Read(_log);
        }
        Assert.Equal(4, worker.Scene.Work([("u", bundle.ItemIds[2])])["u"].Items.Except(bundle.ItemIds).Count());

        worker.Recommender.Catalogue = past;

        using var other = Start();
        other.Take(worker);
        other.Recommender.Catalogue = past;
        var (late, read) = (worker.Scene.Work([("u", "first")])["u"], other.Scene.Work([("u", "first")])["u"]);
        Assert.Equal(list.Catalogue, late.Catalogue);
        Assert.Equal(read.Items, late.Items);
        Assert.Equal(read.Scores, late.Scores);
    }

    [Fact]
    public void Without_what_makes_vectors_new_items_are_on_no_list_and_in_no_sequence()
    {
        var bundle = _random.Bundle;
        Fill();
        Say("new", """{"title":"a"}""");
        using var models = TestEncoders.Live(bundle, s_options);
        var recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1);
        var fold = new CatalogueFold("items");
        _log.ForEach(record => fold.Apply(record));
        recommender.Catalogue = fold.View()!;

        var lists = new ServingScene(recommender).Work([("a", bundle.ItemIds[7]), ("a", "new"), ("b", "new")]);

        Assert.Equal(["a"], lists.Keys);
        Assert.DoesNotContain("new", lists["a"].Items);
        Assert.Equal(2, recommender.Counters.UnknownItems);
    }

    private Worker Start(ServingOptions? options = null, bool bySteps = true) =>
        new(_random.Bundle, options ?? s_options, new Lent(_encoders, bySteps), new SeededVectors(_random.Bundle));

    private void Fill()
    {
        foreach (var id in _random.Bundle.ItemIds.Skip(1))
        {
            Say(id, """{"categories":["old"]}""");
        }
    }

    private void Change(Random random)
    {
        var id = $"new-{random.Next(12)}";
        var title = $"\"title\":\"{(char)('a' + random.Next(4))}\",\"categories\":[\"{random.Next(3)}\"]";
        Say(
            id,
            random.Next(8) switch
            {
                0 => "",
                1 => $"{{{title},\"available\":false}}",
                2 => "{",
                _ => $"{{{title}}}",
            }
        );
    }

    private void Say(string id, string json) =>
        _log.Add(new LogRecord(_log.Count, 0, 0, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(json)));

    // The last record of each item alone, in any order but for the last of all, which names the state.
    private LogRecord[] Compacted(Random random)
    {
        LogRecord[] last =
        [
            .. _log.GroupBy(record => Encoding.UTF8.GetString(record.Key.Span)).Select(of => of.Last()),
        ];
        return [.. last[..^1].OrderBy(_ => random.Next()), .. last[^1..]];
    }

    /// <summary>Encoders that others use as well.</summary>
    private sealed class Lent(IModelEncoder encoders, bool bySteps) : IModelEncoder
    {
        public IUserEncoder Whole => encoders.Whole;

        public Func<IStepEncoder>? OpenStep => bySteps ? encoders.OpenStep : null;

        public void Dispose() { }
    }

    private sealed class Worker : IDisposable
    {
        private readonly CatalogueFold _fold;
        private readonly LiveModel _models;
        private int _read;

        public Worker(Bundle bundle, ServingOptions options, IModelEncoder encoder, IItemVectors? vectors)
        {
            _fold = new CatalogueFold("items", cap: options.Cap, keepFacts: true);
            _models = new LiveModel(new ServingModel(bundle, encoder, options, newItems: vectors));
            Recommender = new Recommender(_models, options, ServingScene.Clock, (_, _) => -1);
            Scene = new ServingScene(Recommender);
        }

        public Recommender Recommender { get; }

        public ServingScene Scene { get; private set; }

        public void Read(IReadOnlyList<LogRecord> log)
        {
            for (; _read < log.Count; _read++)
            {
                _fold.Apply(log[_read]);
            }
            Recommender.Catalogue = _fold.View()!;
        }

        public ToldItems Told { get; set; } = new([]);

        /// <summary>Takes another one's partition, with nobody in memory.</summary>
        public void Take(Worker other) => Scene = other.Scene.Copy(Recommender);

        public IReadOnlyList<string> Withdrawn()
        {
            using var lease = _models.Lease();
            return Told.Of(Recommender.Catalogue.Eligible, lease.Model.Bundle.ItemIds.Skip(1));
        }

        public void Dispose() => _models.Dispose();
    }
}
