using StreamRec.Catalogue;
using StreamRec.Models;
using StreamRec.Models.Towers;
using StreamRec.Tests.Contracts;
using StreamRec.Towers;

namespace StreamRec.Tests.Towers;

public sealed class ItemTowerTests
{
    private static Bundle Golden =>
        Bundle.Load(Path.Combine(ContractFiles.Root, "tests", "StreamRec.Tests", "Golden", "bundles", "tower"));

    [Fact]
    public void A_golden_bundle_makes_of_facts_the_vector_that_it_always_has()
    {
        var tower = new ItemTower(Golden.Tower!);
        var vector = new float[tower.Dimension];

        var bias = tower.Embed(
            Facts("Grün, No. 1", ["tea", "unheard-of"], ("brand", Text("Teehaus")), ("price", Number(7.5))),
            vector
        );

        // Every item's row, brand, tea, price=1, brand with tea, brand with price, grün: rows 0, 1, 3, 5, 7, 8 and 9.
        Assert.Equal(1 + 3 + 5 + 7 + 8 + 9, bias);
        Assert.All(
            vector,
            number => Assert.Equal(1 + (1 / 2f) + (1 / 8f) + (1 / 32f) + (1 / 128f) + (1 / 256f) + (1 / 512f), number)
        );
    }

    [Fact]
    public void An_item_of_which_nothing_is_known_has_what_all_items_have()
    {
        var tower = new ItemTower(Golden.Tower!);
        var vector = new float[tower.Dimension];

        Assert.Equal(0, tower.Embed(ItemFacts.None, vector));
        Assert.All(vector, number => Assert.Equal(1, number));
    }

    [Theory]
    [InlineData(0.01, 1.5f, -0.5f)]
    [InlineData(0.02, 1.5f, -0.5f)]
    [InlineData(0.06, 2f, 0.5f)]
    [InlineData(0.1, 2.5f, 1.5f)]
    [InlineData(0.5, 2.5f, 1.5f)]
    public void A_share_between_two_of_the_table_lies_on_the_line_between_them(double share, float gamma, float beta)
    {
        var at = new ItemTower(Golden.Tower!).At(share);

        Assert.Equal(share, at.Share);
        Assert.Equal(gamma, at.Gamma, 1e-5f);
        Assert.Equal(beta, at.Beta, 1e-5f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rows_are_added_one_after_the_other_to_the_bit_at_every_width(int seed)
    {
        var random = new Random(seed);
        for (var width = 1; width <= 70; width++)
        {
            var names = Enumerable.Range(0, 40).Select(at => $"c:{at:00}").ToArray();
            var values = new float[(names.Length + 1) * (width + 1)];
            for (var at = 0; at < values.Length; at++)
            {
                // Of sizes that differ by far: any other order would round otherwise.
                values[at] = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)));
            }
            int[] of = [.. Enumerable.Range(1, names.Length).Where(_ => random.Next(2) == 0)];
            var tower = new ItemTower(new TowerRows(Manifest(names), values));
            string[] shuffled = [.. of.Select(row => names[row - 1]["c:".Length..])];
            random.Shuffle(shuffled);

            var vector = new float[width];
            var bias = tower.Embed(Facts(null, shuffled), vector);

            for (var column = 0; column <= width; column++)
            {
                var sum = values[column];
                foreach (var row in of)
                {
                    sum += values[(row * (width + 1)) + column];
                }
                Assert.Equal(
                    BitConverter.SingleToInt32Bits(sum),
                    BitConverter.SingleToInt32Bits(column < width ? vector[column] : bias)
                );
            }
        }
    }

    [Fact]
    public void Features_are_named_as_the_contract_says()
    {
        var fields = new TowerFields
        {
            Title = true,
            Pairs = true,
            Numbers = [new NumberField("year", [1990, 1995, 2000, 2005, 2010])],
        };

        Assert.Equal(
            [
                "a:origin=cn",
                "a:origin=jp",
                "a:size=2.5",
                "c:Tea",
                "n:year=5",
                "p:a:origin=cn&a:origin=jp",
                "p:a:origin=cn&a:size=2.5",
                "p:a:origin=cn&c:Tea",
                "p:a:origin=cn&n:year~1",
                "p:a:origin=jp&a:size=2.5",
                "p:a:origin=jp&c:Tea",
                "p:a:origin=jp&n:year~1",
                "p:a:size=2.5&c:Tea",
                "p:a:size=2.5&n:year~1",
                "p:c:Tea&n:year~1",
                "t:1",
                "t:no",
                "t:tee",
            ],
            FeatureNames
                .Of(
                    Facts(
                        "Tee No.1, TEE",
                        ["Tea", "Tea"],
                        ("origin", new AttributeValue(null, ["jp", "cn"])),
                        ("size", Number(2.5)),
                        ("year", Text("2010"))
                    ),
                    fields
                )
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("7.5", 7.5)]
    [InlineData("-0.5e2", -50.0)]
    [InlineData("1E3", 1000.0)]
    [InlineData("0", 0.0)]
    [InlineData(" 7.5", null)]
    [InlineData("7.5\n", null)]
    [InlineData("+7", null)]
    [InlineData(".5", null)]
    [InlineData("7.", null)]
    [InlineData("007", null)]
    [InlineData("1,000", null)]
    [InlineData("1e999", null)]
    [InlineData("NaN", null)]
    public void A_text_is_a_number_where_json_would_read_it_as_one(string text, double? number) =>
        Assert.Equal(number, FeatureNames.NumberIn(Text(text)));

    /// <summary>The examples of schemas/bundle.md.</summary>
    [Theory]
    [InlineData(7.50, "7.5")]
    [InlineData(2010, "2010")]
    [InlineData(-0.0001, "-0.0001")]
    [InlineData(0.00001, "1E-05")]
    [InlineData(1e15, "1000000000000000")]
    public void A_number_that_makes_no_buckets_has_one_text(double number, string text) =>
        Assert.Equal(text, Assert.Single(Number(number).AsTexts));

    internal static ItemFacts Facts(
        string? title,
        string[] categories,
        params (string Name, AttributeValue Value)[] attributes
    ) => new(title, categories, attributes.ToDictionary(one => one.Name, one => one.Value), new(Available: true));

    internal static AttributeValue Text(string text) => new(null, [text]);

    internal static AttributeValue Number(double number) => new(number, []);

    private static TowerManifest Manifest(string[] names) =>
        new()
        {
            Fields = new TowerFields(),
            Shares = [new TowerShare(0.05, 1, 0)],
            Features = names,
        };
}
