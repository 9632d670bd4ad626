using StreamRec.Catalogue;
using StreamRec.Models;
using StreamRec.Sequences;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>Items that are withheld stand on no list of a batch that began afterwards, whichever model makes
/// it.</summary>
public sealed class EligibleItemsTests : IDisposable
{
    private const int Window = 4,
        Items = 50;

    private static readonly ServingOptions s_options = new()
    {
        ListSize = Items,
        Sequence = new SequenceOptions { Kept = 2 * Window - 1 },
    };

    private readonly RandomBundle _random = new(Window, Items);
    private readonly RandomBundle _other = new(Window, 30, dimension: 32, seed: 4);

    private readonly RandomBundle _segmented = new(
        Window,
        Items,
        segments: new SegmentItems("age:25-34", 60, 700, 0.5f, [1, 9, 3, 2], [90, 80, 70, 60])
    );

    public void Dispose()
    {
        _segmented.Dispose();
        _random.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Lists_hold_what_is_eligible_then(float dial)
    {
        var (random, options) = (new Random(9), s_options with { Dial = dial });
        var bundle = _random.Bundle;
        using var models = TestEncoders.Live(bundle, options);
        var recommender = new Recommender(models, options, ServingScene.Clock, (_, _) => -1);
        var (scene, all) = (new ServingScene(recommender), new ServingScene(Recommending(models)));
        for (var version = 1; version <= 6; version++)
        {
            if (version == 4)
            {
                // The snapshot is the catalogue's, not the model's.
                models
                    .Exchange(new ServingModel(_other.Bundle, new TestEncoders(_other.Bundle), options), promotion: 0)
                    .Dispose();
            }
            var withheld = bundle.ItemIds.Skip(1).Where(_ => random.Next(3) == 0).Append("not-of-the-model").ToArray();
            recommender.Catalogue = Catalogue(version, Both.Except(withheld));

            var lists = scene.Click(bundle);

            var every = all.Click(bundle);
            Assert.Equal(every.Keys, lists.Keys);
            foreach (var (user, whole) in every)
            {
                var expected = whole.Items.Except(withheld);
                Assert.Equal(new StreamRec.Lists.CatalogueVersion("items", version), lists[user].Catalogue);
                Assert.Null(whole.Catalogue);
                Assert.Equal(expected.Order(StringComparer.Ordinal), lists[user].Items.Order(StringComparer.Ordinal));
                if (dial == 0)
                {
                    Assert.Equal(expected, lists[user].Items);
                }
            }
        }
        recommender.Catalogue = CatalogueView.None;
        Assert.Equal(
            all.Click(bundle).Select(list => (list.Key, string.Join(',', list.Value.Items.Order()))),
            scene.Click(bundle).Select(list => (list.Key, string.Join(',', list.Value.Items.Order())))
        );
    }

    [Fact]
    public void A_batch_knows_the_snapshot_that_it_began_with()
    {
        var bundle = _random.Bundle;
        using var models = TestEncoders.Live(bundle, s_options);
        Recommender? recommender = null;
        var change = new Change(() => recommender!.Catalogue = Catalogue(2, [bundle.ItemIds[1]]));
        recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1)
        {
            Tap = change,
            Catalogue = Catalogue(1, bundle.ItemIds[^7..]),
        };
        var scene = new ServingScene(recommender);

        var lists = scene.Work([("u", bundle.ItemIds[1])]);
        Assert.Equal(bundle.ItemIds[^7..].Order(), lists["u"].Items.Order());
        Assert.Equal(1, lists["u"].Catalogue!.Value.Offset);

        lists = scene.Work([("u", bundle.ItemIds[2])]);
        // All that is left was seen.
        Assert.Equal(("seen", bundle.ItemIds[1]), (lists["u"].Kind, Assert.Single(lists["u"].Items)));
    }

    /// <summary>
    /// `until` is judged by the users' own records, each by its own, and by no clock: here it stands at 1970.
    /// </summary>
    [Fact]
    public void Items_come_and_go_by_the_record_time_of_each_user()
    {
        var bundle = _random.Bundle;
        using var models = TestEncoders.Live(bundle, s_options);
        var recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1);
        var scene = new ServingScene(recommender);
        // A record each second, from here on.
        var (early, late, third) = (bundle.ItemIds[^1], bundle.ItemIds[^2], 1_700_000_002_000);
        var items = bundle.ItemIds[1..].ToDictionary(id => id, _ => new Availability(true));
        items[early] = new Availability(true, UntilMs: third);
        items[late] = new Availability(true, SinceMs: third);
        recommender.Catalogue = new CatalogueView(new("items", 9), new EligibleItems(items));

        var lists = scene.Work([("a", bundle.ItemIds[1]), ("b", bundle.ItemIds[2]), ("c", bundle.ItemIds[3])]);

        foreach (var user in (string[])["a", "b"])
        {
            Assert.Contains(early, lists[user].Items);
            Assert.DoesNotContain(late, lists[user].Items);
        }
        Assert.DoesNotContain(early, lists["c"].Items);
        Assert.Contains(late, lists["c"].Items);
    }

    [Fact]
    public void The_popular_list_holds_what_may_be_listed_when_it_is_written()
    {
        var bundle = _random.Bundle;
        using var models = TestEncoders.Live(bundle, s_options);
        var recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1)
        {
            Catalogue = new CatalogueView(
                new("items", 4),
                new EligibleItems(
                    new Dictionary<string, Availability>
                    {
                        [bundle.ItemIds[1]] = new(true),
                        [bundle.ItemIds[2]] = new(false),
                        [bundle.ItemIds[3]] = new(true, SinceMs: 1),
                        [bundle.ItemIds[4]] = new(true, UntilMs: 1),
                    }
                )
            ),
        };

        var popular = StreamRec.Lists.PublishedList.Parse(recommender.Popular().All);

        Assert.Equal([bundle.ItemIds[1], bundle.ItemIds[4]], popular.Items);
        Assert.Equal(4, popular.Catalogue!.Value.Offset);
    }

    [Fact]
    public void The_popular_list_of_a_segment_holds_as_much_as_that_of_all()
    {
        using var models = new LiveModel(
            new ServingModel(_segmented.Bundle, new TestEncoders(_segmented.Bundle), s_options)
        );
        var ids = _segmented.Bundle.ItemIds;
        var recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1)
        {
            Catalogue = Catalogue(4, ids.Skip(2)),
        };

        var made = Assert.Single(recommender.Popular().Segments);
        var list = StreamRec.Lists.PublishedList.Parse(made.List);

        Assert.Equal(("age:25-34", "age:25-34"), (made.Segment, list.Segment));
        Assert.Equal((true, 4), (list.IsPopular, list.Catalogue!.Value.Offset));
        Assert.Equal([ids[9], ids[3], ids[2]], list.Items.Take(3));
        Assert.Equal(StreamRec.Lists.PublishedList.Parse(recommender.Popular().All).Items.Order(), list.Items.Order());
    }

    private IEnumerable<string> Both => _random.Bundle.ItemIds.Concat(_other.Bundle.ItemIds).Skip(1).Distinct();

    private static CatalogueView Catalogue(long offset, IEnumerable<string> listed) =>
        new(new("items", offset), new EligibleItems(listed.ToDictionary(id => id, _ => new Availability(true))));

    private static Recommender Recommending(LiveModel models) =>
        new(models, s_options, ServingScene.Clock, (_, _) => -1);

    private sealed class Change(Action act) : IServingTap
    {
        public void Before(in ServedBatch batch) => act();

        public void After(in ServedBatch batch) { }
    }
}
