using StreamRec.Catalogue;
using StreamRec.Training.Towers;

namespace StreamRec.Tests.ColdItems;

public sealed class NumberFieldsTests
{
    /// <summary>Of equal buckets of items all have the least value: there is no edge between any two.</summary>
    [Fact]
    public void A_number_that_nearly_always_is_the_least_makes_no_buckets()
    {
        var facts = Enumerable
            .Range(0, 1_000)
            .Select(item => Facts(("sold", item < 20 ? item : 0), ("price", item % 40)))
            .ToArray();

        var field = Assert.Single(NumberFields.Of(facts));

        Assert.Equal("price", field.Name);
        Assert.NotEmpty(field.Edges);
    }

    private static ItemFacts Facts(params (string Name, double Number)[] attributes) =>
        new(
            null,
            [],
            attributes.ToDictionary(one => one.Name, one => new AttributeValue(one.Number, [])),
            new(Available: true)
        );
}
