using System.Text;
using StreamRec.Catalogue;

namespace StreamRec.Tests.Catalogue;

/// <summary>What readers leave out of lists that are there, whichever model made them.</summary>
public sealed class ToldItemsTests
{
    private readonly CatalogueFold _fold = new("items");
    private long _offset;

    [Fact]
    public void What_another_model_listed_is_told_after_it_was_replaced()
    {
        var told = new ToldItems([]);
        Say("a", """{"available":false}""");
        Say("b", "{}");
        Say("c", "{}");

        Assert.Equal(["a"], Told(told, "a", "b"));
        Say("c", """{"available":false}""");
        Say("b", "");
        Assert.Equal(["a", "b", "c"], Told(told, "b"));

        // As soon as they are back, no more.
        Say("a", "{}");
        Say("c", "{}");
        Assert.Equal(["b"], Told(told));
        Say("c", "");
        Assert.Equal(["b", "c"], Told(told));
    }

    [Fact]
    public void Who_starts_anew_tells_what_was_told_for_as_long_as_the_catalogue_says_so()
    {
        Say("sold-out", """{"available":false}""");
        Say("deleted", "");
        Say("back", "{}");
        Say("never-told", """{"available":false}""");
        var told = new ToldItems(["sold-out", "deleted", "back", "compacted-away"]);

        Assert.Equal(["deleted", "sold-out"], Told(told));
    }

    /// <summary>An item that the catalogue has never had is the live model's alone to tell.</summary>
    [Fact]
    public void What_the_catalogue_says_nothing_of_is_told_while_the_live_model_has_it()
    {
        Say("a", "{}");
        var told = new ToldItems([]);

        Assert.Equal(["unheard-of"], Told(told, "a", "unheard-of"));
        Assert.Empty(Told(told, "a"));
    }

    private string[] Told(ToldItems told, params string[] known) =>
        [.. told.Of(_fold.View()!.Eligible, known).Order(StringComparer.Ordinal)];

    private void Say(string id, string json) =>
        _fold.Apply(new(_offset++, 0, 0, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(json)));
}
