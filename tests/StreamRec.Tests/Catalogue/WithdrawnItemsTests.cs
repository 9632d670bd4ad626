using StreamRec.Lists;

namespace StreamRec.Tests.Catalogue;

/// <summary>A reader leaves out what was withdrawn after its list was written, and that alone.</summary>
public sealed class WithdrawnItemsTests
{
    private static readonly WithdrawnItems s_withdrawn = new(new("uuid", 10), ["b", "d"]);

    [Theory]
    [InlineData("uuid", 9, "a,c")]
    [InlineData("uuid", 10, "a,b,c")]
    [InlineData("uuid", 11, "a,b,c")]
    [InlineData("another", 99, "a,c")]
    public void Older_lists_lose_them(string topic, long offset, string left)
    {
        var list = s_withdrawn.Without(List(new(topic, offset)));

        Assert.Equal(left, string.Join(',', list.Items));
        Assert.Equal(list.Items.Count, list.Scores.Count);
        Assert.Equal(1f, list.Scores[^1]);
    }

    [Fact]
    public void A_list_of_no_catalogue_stays_as_it_is() => Assert.Equal(3, s_withdrawn.Without(List(null)).Items.Count);

    [Fact]
    public void It_is_written_as_the_page_shows_it()
    {
        var json = new WithdrawnItems(new("kG1IZNCzQZCBYW1pbU9aVA", 4711), ["sku-0242"]).ToJson();

        Assert.Contains(System.Text.Encoding.UTF8.GetString(json), Contracts.ContractFiles.Schema("redis-keys.md"));
        Assert.Equal(["sku-0242"], WithdrawnItems.Parse(json)!.Items);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"format":2,"catalogue":{"topic_uuid":"u","offset":1},"items":["a"]}""")]
    [InlineData("""{"format":1,"catalogue":{"topic_uuid":"u","offset":1}}""")]
    public void What_is_not_known_withdraws_nothing(string json) =>
        Assert.Null(WithdrawnItems.Parse(System.Text.Encoding.UTF8.GetBytes(json)));

    private static PublishedList List(CatalogueVersion? catalogue) =>
        new()
        {
            Format = 1,
            Kind = ListKinds.Model,
            Model = "m",
            Items = ["a", "b", "c"],
            Scores = [3, 2, 1],
            Catalogue = catalogue,
        };
}
