using StreamRec.Catalogue;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>What shapes a state is in the text that a partition is pinned to, and nothing else is.</summary>
public sealed class SettingsTextTests
{
    private static readonly ServingOptions s_options = new();

    public static TheoryData<string> Names => [.. s_shaping.Keys];

    private static readonly Dictionary<string, ServingOptions> s_shaping = new()
    {
        ["Kept"] = s_options with { Sequence = s_options.Sequence with { Kept = 98 } },
        ["IdleExpiry"] = s_options with { Sequence = s_options.Sequence with { IdleExpiry = TimeSpan.FromHours(1) } },
        ["MaxAhead"] = s_options with { MaxAhead = TimeSpan.FromMilliseconds(3_600_001) },
        ["Partitioner"] = s_options with { Partitioner = "crc32" },
        ["Types"] = s_options with { Types = new HashSet<string> { "click" } },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void What_shapes_a_state_is_named_with_its_value(string name)
    {
        var (text, before) = (s_shaping[name].OfStates(), s_options.OfStates());

        Assert.NotEqual(before.Hash, text.Hash);
        var differs = Assert.Single(text.Text.Split(' ').Except(before.Text.Split(' ')));
        Assert.StartsWith($"{name}=", differs);
    }

    [Fact]
    public void What_shapes_lists_alone_changes_no_state()
    {
        var other = s_options with { ListSize = 7, ExcludeSeen = false, Dial = 0.5f, VariedPlaces = 3 };

        Assert.Equal(s_options.OfStates(), other.OfStates());
        Assert.NotEqual(s_options.OfLists().Hash, other.OfLists().Hash);
        Assert.StartsWith("ListSize=7 ExcludeSeen=false Dial=0.5 VariedPlaces=3 Kept=", other.OfLists().Text);
    }

    [Fact]
    public void Lists_name_what_filters_and_caps_them_whatever_names_hold()
    {
        var filter = ItemFilter.Parse("tea, a\"b c", "adult", "price:10..50,year:1990..");
        var other = s_options with
        {
            ExcludeSeen = SeenRule.Parse("types:view,purchase")!.Value,
            Filter = filter,
            Cap = ListCap.Parse("Cap", "author:2/5"),
        };

        Assert.StartsWith(
            """ListSize=100 ExcludeSeen="types:purchase,view" AllowedCategories="a\u0022b c,tea" """
                + "DeniedCategories=\"adult\" AttributeRanges=\"price:10..50,year:1990..\" Cap=\"author:2/5\" Kept=",
            other.OfLists().Text
        );
        Assert.Contains("ExcludeSeen=last:20 ", (s_options with { ExcludeSeen = new(true, 20) }).OfLists().Text);
        Assert.Equal(s_options.OfStates(), other.OfStates());
    }

    [Fact]
    public void Types_are_a_set()
    {
        string Of(params string[] types) => (s_options with { Types = types.ToHashSet() }).OfStates().Text;

        Assert.Equal(Of("view", "click"), Of("click", "view", "click"));
        Assert.EndsWith("Types=click,view", Of("view", "click"));
    }
}
