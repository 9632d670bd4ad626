using StreamRec.Options;

namespace StreamRec.Tests.Options;

/// <summary>What a worker says to rules that it cannot keep, before it does anything.</summary>
public sealed class ListRulesTests
{
    private static WorkOptions Worker =>
        new()
        {
            Bundle = "model",
            Topic = "clicks",
            Group = "g",
            Bootstrap = "k:1",
            Redis = "r:1",
        };

    [Fact]
    public void Rules_that_go_by_items_want_a_catalogue()
    {
        foreach (
            var (set, told) in ((Action<WorkOptions>, string)[])
                [
                    (options => options.AllowedCategories = "tea", "AllowedCategories=\"tea\""),
                    (options => options.DeniedCategories = "adult", "DeniedCategories=\"adult\""),
                    (options => options.AttributeRanges = "price:..50", "AttributeRanges=\"price:..50\""),
                    (options => options.Cap = "author:1/5", "author:1/5"),
                    (options => options.NewItemShare = 0.05f, "NewItemShare"),
                ]
        )
        {
            var options = Worker;
            set(options);
            var fault = Assert.Throws<StreamRecException>(options.Validate);
            Assert.Equal(FaultKind.Usage, fault.Kind);
            Assert.Contains(told, fault.Message);
            Assert.Contains("ItemsTopic", fault.Message);

            options.ItemsTopic = "clicks.items";
            options.Validate();
        }
    }

    [Fact]
    public void Without_a_catalogue_new_items_have_no_share_and_nobody_need_say_so()
    {
        var options = Worker;
        options.Validate();

        options.NewItemShare = 0;

        options.Validate();
    }

    [Theory]
    [InlineData("some", "", "ExcludeSeen is 'some': give true or false, last:20")]
    [InlineData("types:purchase", "click,view", "'purchase' are not kept")]
    [InlineData("True", "", null)]
    [InlineData("types:purchase", "click,purchase", null)]
    [InlineData("types:purchase", "", null)]
    public void What_counts_as_seen_is_of_events_that_are_kept(string seen, string types, string? told)
    {
        var options = Worker;
        (options.ExcludeSeen, options.Types) = (seen, types);

        if (told is null)
        {
            options.Validate();
        }
        else
        {
            Assert.Contains(told, Assert.Throws<StreamRecException>(options.Validate).Message);
        }
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("false", "false")]
    [InlineData("last:7", "last:7")]
    [InlineData("types:view,purchase", "\"types:purchase,view\"")]
    public void A_rule_of_seen_items_has_one_text(string given, string? text) =>
        Assert.Equal(text, ListRules.Seen("ExcludeSeen", given, "")?.ToString());
}
