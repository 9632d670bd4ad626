using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Serving;
using StreamRec.Tests.Ranking.Caps;

namespace StreamRec.Tests.Serving;

/// <summary>What a shop's rules leave of a list, from the catalogue's log and events to what is written.</summary>
public sealed class ListRulesTests : IDisposable
{
    private const int Window = 4,
        Items = 60;

    private static readonly ServingOptions s_options = new()
    {
        ListSize = 10,
        Sequence = new() { Kept = 2 * Window - 1 },
    };

    private readonly RandomBundle _random = new(Window, Items);

    private string[] Ids => [.. _random.Bundle.ItemIds.Skip(1)];

    public void Dispose() => _random.Dispose();

    /// <summary>Ten items of many are allowed, as many as a list holds: the list is these ten.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("category:3/10")]
    public void Ten_allowed_items_of_fifty_thousand_make_a_list_of_ten(string? cap)
    {
        const int many = 50_000;
        using var random = new RandomBundle(Window, many);
        var ids = random.Bundle.ItemIds;
        var scene = new Scene(random.Bundle, s_options with { Cap = ListCap.Parse("Cap", cap ?? "") }, allowed: "few");
        int[] few = [.. Enumerable.Range(1, 10).Select(at => at * 4_999)];
        scene.Say([.. ids.Skip(1).Select((id, at) => (id, few.Contains(at + 1) ? Of("few", "x") : Of("many")))]);

        var lists = scene.Click([("a", ids[1]), ("b", ids[few[0]])]);

        Assert.Equal(few.Select(item => ids[item]).Order(), lists["a"].Items.Order());
        // One of them was seen.
        Assert.Equal(few.Skip(1).Select(item => ids[item]).Order(), lists["b"].Items.Order());
    }

    [Fact]
    public void An_item_that_changes_its_category_leaves_the_lists_and_comes_back()
    {
        var scene = new Scene(_random.Bundle, s_options with { ListSize = Items }, denied: "adult");
        scene.Say([.. Ids.Select(id => (id, Of("toys")))]);
        Assert.Contains(Ids[7], scene.Click([("a", Ids[0])])["a"].Items);

        scene.Say((Ids[7], Of("toys", "adult")));
        var list = scene.Click([("a", Ids[0])])["a"];
        Assert.Equal(Items - 2, list.Items.Count);
        Assert.DoesNotContain(Ids[7], list.Items);
        Assert.Equal(Items, list.Catalogue!.Value.Offset);
        Assert.DoesNotContain(Ids[7], PublishedList.Parse(scene.Recommender.Popular().All).Items);
        // It is no withdrawn item, which readers would leave out of lists that are there.
        Assert.False(scene.Recommender.Catalogue.Eligible.IsWithdrawn(Ids[7]));

        // No category any more, which nothing denies.
        scene.Say((Ids[7], "{}"));
        Assert.Contains(Ids[7], scene.Click([("a", Ids[0])])["a"].Items);
    }

    [Theory]
    [InlineData("tea", "", "", "green black")]
    [InlineData("tea,cups", "", "", "green black cup")]
    [InlineData("", "tea", "", "cup bare word")]
    [InlineData("tea", "black", "", "green")]
    [InlineData("", "", "price:5..10", "green cup")]
    [InlineData("", "", "price:..7", "green")]
    [InlineData("", "", "price:7.5..,year:1990..1999", "cup")]
    public void A_filter_goes_by_categories_and_by_numbers(string allowed, string denied, string ranges, string left)
    {
        var filter = ItemFilter.Parse(allowed, denied, ranges);
        var fold = new CatalogueFold("items", filter);
        (string, string)[] items =
        [
            ("green", """{"categories":["tea","green"],"attributes":{"price":5}}"""),
            ("black", """{"categories":["tea","black"],"attributes":{"price":10.5}}"""),
            ("cup", """{"categories":["cups"],"attributes":{"price":10,"year":1990}}"""),
            ("bare", "{}"),
            ("word", """{"attributes":{"price":"7","year":[1995]}}""".Replace("[1995]", "[\"1995\"]")),
        ];
        var offset = 0;
        Assert.All(items, item => Assert.Null(fold.Apply(Record(offset++, item.Item1, item.Item2))));

        var view = fold.View()!;

        Assert.Equal(left.Split(' '), items.Select(item => item.Item1).Where(id => view.Eligible.Holds(id, 0)));
        Assert.Equal(5, fold.Items);
    }

    [Theory]
    [InlineData("", "", "price=5..10", "price=5..10")]
    [InlineData("", "", "price:5..10,year:..", "year:..")]
    [InlineData("", "", "price:10..5", "price:10..5")]
    [InlineData("", "", "price:a..5", "price:a..5")]
    [InlineData("tea,cups", "cups", "", "'cups' stands in AllowedCategories and in DeniedCategories")]
    public void What_is_no_filter_is_refused_with_its_text(string allowed, string denied, string ranges, string told)
    {
        var fault = Assert.Throws<StreamRecException>(() => ItemFilter.Parse(allowed, denied, ranges));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains(told, fault.Message);
    }

    /// <summary>What was bought is never listed; what was only looked at is.</summary>
    [Fact]
    public void Seen_may_be_what_was_bought_alone()
    {
        var all = new Scene(_random.Bundle, s_options with { ListSize = Items, ExcludeSeen = false });
        var scene = new Scene(
            _random.Bundle,
            s_options with
            {
                ListSize = Items,
                ExcludeSeen = SeenRule.Parse("types:purchase,rented")!.Value,
            }
        );
        foreach (
            var (type, item) in ((string, int)[])
                [("click", 3), ("purchase", 5), ("rented", 8), ("view", 9), ("view", 5)]
        )
        {
            var (list, whole) = (scene.Click([("a", Ids[item])], type)["a"], all.Click([("a", Ids[item])], type)["a"]);
            var bought = new[] { (5, "purchase"), (8, "rented") }.Where(one => scene.Types.Contains(one.Item2));
            Assert.Equal(whole.Items.Except(bought.Select(one => Ids[one.Item1])), list.Items);
        }
    }

    [Fact]
    public void Seen_may_be_the_last_ones_alone()
    {
        var scene = new Scene(
            _random.Bundle,
            s_options with
            {
                ListSize = Items,
                ExcludeSeen = SeenRule.Parse("last:2")!.Value,
            }
        );

        var list = scene.Click([("a", Ids[1]), ("a", Ids[2]), ("a", Ids[3])])["a"];

        Assert.Equal(Ids.Except([Ids[2], Ids[3]]).Order(), list.Items.Order());
    }

    [Theory]
    [InlineData("last:0")]
    [InlineData("last:10001")]
    [InlineData("last")]
    [InlineData("types:")]
    [InlineData("bought")]
    public void What_is_no_rule_of_seen_items_is_none(string text) => Assert.Null(SeenRule.Parse(text));

    /// <summary>
    /// Search, dial, cap: the greedy walk over the order that the dial gives to all items; users of one batch do not
    /// change each other's lists, and neither does who says what the categories are.
    /// </summary>
    [Theory]
    [InlineData(0f, true)]
    [InlineData(0.5f, true)]
    [InlineData(0.5f, false)]
    public void A_capped_list_is_the_greedy_walk_over_the_dial_s_order(float dial, bool followed)
    {
        // Most items are of one category, so that a batch's candidates do not suffice.
        string[] Categories(int item) => item % 9 == 0 ? [$"c{item % 4}", "rare"] : ["common"];
        using var own = new RandomBundle(Window, 400, categories: Categories);
        var ids = own.Bundle.ItemIds;
        var cap = new ListCap(ListCap.Category, 2, 8);
        var options = s_options with { Dial = dial, VariedPlaces = 5 };
        var capped = new Scene(own.Bundle, options with { Cap = cap });
        var whole = new Scene(own.Bundle, options with { ListSize = 400 });
        if (followed)
        {
            capped.Say([.. ids.Skip(1).Select((id, at) => (id, Of(Categories(at + 1))))]);
        }
        (string, string)[] clicks =
        [
            .. Enumerable.Range(0, 40).Select(at => ($"u{at % 12}", ids[1 + (at * 37 % 400)])),
        ];

        var lists = capped.Click(clicks);

        var numbers = new Dictionary<string, int>();
        foreach (var (user, all) in whole.Click(clicks))
        {
            var expected = CapWalkTests.Greedy(
                all.Items.Zip(all.Scores),
                pair =>
                    Categories(Array.IndexOf([.. ids], pair.First))
                        .Select(name =>
                            numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count
                        ),
                cap,
                10
            );
            Assert.Equal(expected, lists[user].Items.Zip(lists[user].Scores));
        }
    }

    /// <summary>By an attribute too, and of the popular list as of a user's.</summary>
    [Fact]
    public void Caps_count_the_texts_of_an_attribute()
    {
        var scene = new Scene(_random.Bundle, s_options with { Cap = new ListCap("author", 1, 5) });
        scene.Say([
            .. Ids.Select((id, at) => (id, at % 10 == 0 ? "{}" : $$$"""{"attributes":{"author":{{{at % 5}}}}}""")),
        ]);

        foreach (
            var list in (PublishedList[])
                [scene.Click([("a", Ids[1])])["a"], PublishedList.Parse(scene.Recommender.Popular().All)]
        )
        {
            var authors = list.Items.Take(5).Select(id => Array.IndexOf(Ids, id)).Where(at => at % 10 > 0).ToList();
            Assert.Equal(10, list.Items.Count);
            Assert.Equal(authors.Count, authors.Select(at => at % 5).Distinct().Count());
        }

        // All of one author: the list is as long all the same.
        scene.Say([.. Ids.Select(id => (id, """{"attributes":{"author":["x","y"]}}"""))]);
        Assert.Equal(10, scene.Click([("a", Ids[1])])["a"].Items.Count);
    }

    private static string Of(params string[] categories) =>
        $$"""{"categories":["{{string.Join("\",\"", categories)}}"]}""";

    private static LogRecord Record(long offset, string key, string value) =>
        new(offset, 0, 0, System.Text.Encoding.UTF8.GetBytes(key), System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>A worker's parts from the catalogue's records and the events to lists.</summary>
    private sealed class Scene
    {
        private readonly ServingScene _scene;
        private readonly CatalogueFold _fold;
        private long _offset;

        public Scene(Bundle bundle, ServingOptions options, string allowed = "", string denied = "")
        {
            options = options with { Filter = ItemFilter.Parse(allowed, denied, "") };
            var models = TestEncoders.Live(bundle, options);
            Recommender = new Recommender(models, options, ServingScene.Clock, (_, _) => -1);
            _scene = new ServingScene(Recommender);
            _fold = new CatalogueFold("items", options.Filter, options.Cap);
        }

        public Recommender Recommender { get; }

        public HashSet<string> Types { get; } = [];

        public void Say(params (string Id, string Value)[] items)
        {
            foreach (var (id, value) in items)
            {
                Assert.Null(_fold.Apply(Record(_offset++, id, value)));
            }
            Recommender.Catalogue = _fold.View()!;
        }

        public SortedDictionary<string, PublishedList> Click((string, string)[] clicks, string type = "click")
        {
            Types.Add(type);
            return _scene.Work(clicks, type: type);
        }
    }
}
