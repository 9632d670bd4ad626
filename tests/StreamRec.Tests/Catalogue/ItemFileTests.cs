using StreamRec.Catalogue;

namespace StreamRec.Tests.Catalogue;

/// <summary>What `catalogue import` makes of a file's lines.</summary>
public sealed class ItemFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-items-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_line_of_JSON_is_an_item_and_its_id()
    {
        var (items, bad) = Read(
            ItemFile.JsonLines,
            """{"id":"ü","title":"\u00fc","later":[1]}""",
            """{"id":7}""",
            "",
            """{"title":"no id"}""",
            """{"id":1.5}""",
            """{"id":"c","until":1}""",
            """["d"]""",
            "{"
        );

        Assert.Equal([("ü", """{"title":"ü","later":[1]}"""), ("7", "{}")], items);
        Assert.Equal(5, bad);
    }

    [Fact]
    public void RecBole_s_columns_become_titles_categories_and_attributes()
    {
        var (items, bad) = Read(
            ItemFile.Inter,
            "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\tprice:float\ttags:token_seq",
            "1\tToy Story\t1995\tAnimation Children's Comedy\t2.5\ta b",
            "2\tBare\t\t\t",
            "\tNo id"
        );

        Assert.Equal(
            [
                (
                    "1",
                    """{"title":"Toy Story","categories":["Animation","Children's","Comedy"],"""
                        + "\"attributes\":{\"release_year\":\"1995\",\"price\":2.5,\"tags\":[\"a\",\"b\"]}}"
                ),
                ("2", """{"title":"Bare"}"""),
            ],
            items
        );
        Assert.Equal(1, bad);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        Assert.Contains(
            "item_id:token",
            Assert.Throws<StreamRecException>(() => Read(ItemFile.Inter, "user_id:token\titem_id:token:x")).Message
        );
        Assert.Contains(
            "holds no item",
            Assert.Throws<StreamRecException>(() => Read(ItemFile.JsonLines, "[]")).Message
        );
    }

    private (List<(string, string)> Items, long Bad) Read(string format, params string[] lines)
    {
        var path = Path.Combine(_directory.FullName, "file");
        File.WriteAllLines(path, lines);
        var file = new ItemFile(format, path);
        var items = file.Items().Select(item => (item.Id, System.Text.Encoding.UTF8.GetString(item.Value))).ToList();
        return (items, file.Bad);
    }
}
