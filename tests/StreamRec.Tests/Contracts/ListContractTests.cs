using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamRec.Lists;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/list.md, its schema and the writer say the same.</summary>
public class ListContractTests
{
    private const string Schema = "list.schema.json";

    private static readonly JsonEncodedText[] s_ids =
    [
        .. new[] { "", "sku-0007", "sku-0242", "Grüner Tee \"No. 1\"" }.Select(id =>
            JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
        ),
    ];

    private static readonly Provenance s_made = new(
        "model",
        "9f2c6a1b0d3e4f57",
        new LastEvent(1767225600250, System.Text.Encoding.UTF8.GetBytes("0197c2a4-9b1f-7e32-8d14-2f6f0e6b9a51")),
        new Through("kG1IZNCzQZCBYW1pbU9aVA", 3, 0, 5, 90210, 1767225601003),
        "5b1f0c9e",
        1767225600262
    );

    [Fact]
    public void A_list_is_written_as_the_golden_bytes()
    {
        var written = Write(s_made, [2, 1, 3], [4.25f, 1f / 3, -1.5f]);

        Assert.Equal(ContractFiles.Golden("list.json").TrimEnd('\n'), written);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(ContractFiles.Example("list.example.json", "list.md")),
                JsonNode.Parse(written)
            )
        );
        Assert.True(ContractFiles.IsValid(Schema, written));
    }

    [Fact]
    public void The_popular_list_is_written_as_the_golden_bytes()
    {
        var written = Write(s_made with { Kind = "popular", LastEvent = null, Through = null }, [1, 2], [1203, 977]);

        Assert.Equal(ContractFiles.Golden("popular.json").TrimEnd('\n'), written);
        Assert.True(ContractFiles.IsValid(Schema, written));
    }

    /// <summary>Before the claim, which tells nothing of the model; lists of no promotion stay as they were.</summary>
    [Fact]
    public void A_list_of_a_promoted_model_names_the_promotion()
    {
        var written = Write(
            s_made with
            {
                Through = s_made.Through!.Value with { Promotion = 1767225600999 },
            },
            [1],
            [1]
        );

        Assert.Contains(""","offset":90210,"promotion":1767225600999,"claim":1767225601003}""", written);
        Assert.True(ContractFiles.IsValid(Schema, written));
        var read = PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(written));
        Assert.Equal(1767225600999, read.Through!.Value.Promotion);
        Assert.Equal(
            0,
            PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(Write(s_made, [1], [1]))).Through!.Value.Promotion
        );
    }

    [Fact]
    public void A_popular_list_of_a_segment_names_it()
    {
        var made = s_made with { Kind = "popular", LastEvent = null, Through = null, Segment = "ort:\"Köln\"" };
        var written = Write(made, [1, 2], [1203, 977]);

        Assert.True(ContractFiles.IsValid(Schema, written));
        var list = PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(written));
        Assert.Equal(("ort:\"Köln\"", true), (list.Segment, list.IsPopular));
        Assert.Equal(
            ContractFiles.Golden("popular.json").TrimEnd('\n'),
            written.Replace(",\"segment\":\"ort:\\\"Köln\\\"\"", "", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_list_of_a_catalogue_names_its_state()
    {
        var written = Write(s_made with { Catalogue = new("kG1IZNCzQZCBYW1pbU9aVA", 4711) }, [1], [1]);

        Assert.Contains("""catalogue":{"topic_uuid":"kG1IZNCzQZCBYW1pbU9aVA","offset":4711},""", written);
        Assert.True(ContractFiles.IsValid(Schema, written));
        Assert.Equal(4711, PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(written)).Catalogue!.Value.Offset);
    }

    [Theory]
    [InlineData(0f, "0.00000")]
    [InlineData(-0.000004f, "0.00000")]
    [InlineData(0.000016f, "0.00002")]
    [InlineData(-12.5f, "-12.50000")]
    [InlineData(9.9999f, "9.99990")]
    [InlineData(9.999998f, "10.00000")]
    [InlineData(-9.999998f, "-10.00000")]
    [InlineData(-0.5f, "-0.50000")]
    [InlineData(1e-30f, "0.00000")]
    [InlineData(16777217f, "16777216.00000")]
    [InlineData(float.MaxValue, "1000000000.00000")]
    [InlineData(float.NegativeInfinity, "-1000000000.00000")]
    public void Scores_have_five_decimals(float score, string printed)
    {
        Assert.Contains($"\"scores\":[{printed}]", Write(s_made, [1], [score]));
    }

    [Fact]
    public void Scores_are_the_nearest_with_five_decimals()
    {
        var random = new Random(3);
        for (var round = 0; round < 20_000; round++)
        {
            var score = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 6)));
            var expected = Math.Round((double)score, 5).ToString("F5", CultureInfo.InvariantCulture);
            Assert.Contains($"[{(expected == "-0.00000" ? "0.00000" : expected)}]", Write(s_made, [1], [score]));
        }
    }

    [Fact]
    public void Ids_of_any_length_stand_one_after_another()
    {
        string[] ids =
        [
            .. Enumerable.Range(0, 40).Select(length => new string((char)('a' + length % 26), length)),
            "ü\"",
            "12345678901 é",
        ];
        var texts = new ItemTexts([
            .. ids.Select(id => JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)),
        ]);
        int[] items = [.. Enumerable.Range(0, ids.Length).Concat(Enumerable.Range(0, ids.Length).Reverse())];

        var written = JsonNode.Parse(ListJson.Write(s_made, items, new float[items.Length], texts))!;

        Assert.Equal(items.Select(item => ids[item]), written["items"]!.AsArray().Select(id => id!.GetValue<string>()));
    }

    [Fact]
    public void A_score_that_is_not_a_number_is_never_published()
    {
        Assert.Throws<InvalidOperationException>(() => Write(s_made, [1], [float.NaN]));
    }

    /// <summary>`bench` and `demo` read no more of a list than this.</summary>
    [Fact]
    public void What_stands_behind_the_last_event_is_short()
    {
        var id = new string('"', 128);
        var written = Write(
            s_made with
            {
                LastEvent = new LastEvent(long.MaxValue, System.Text.Encoding.UTF8.GetBytes(id)),
                Through = new Through(
                    new string('t', 249),
                    int.MaxValue,
                    int.MaxValue,
                    int.MaxValue,
                    long.MaxValue,
                    long.MaxValue
                ),
                WrittenAtMs = long.MaxValue,
            },
            [1],
            [1f]
        );
        var mark = System.Text.Encoding.UTF8.GetString(LastEventMark.Of(id));

        var at = written.IndexOf(mark, StringComparison.Ordinal);
        Assert.True(at > 0, written);
        Assert.InRange(written.Length - at - mark.Length, 1, LastEventMark.MostBehind);
    }

    [Fact]
    public void A_list_may_be_empty()
    {
        Assert.True(ContractFiles.IsValid(Schema, Write(s_made, [], [])));
    }

    [Theory]
    [InlineData("format", "2")]
    [InlineData("items", "null")]
    [InlineData("items", "[\"a\",\"a\"]")]
    [InlineData("items", "[7]")]
    [InlineData("scores", "[\"1\"]")]
    [InlineData("last_event", "{}")]
    [InlineData("last_event", null)]
    [InlineData("through", null)]
    [InlineData("through", "{\"offset\":-1}")]
    [InlineData("written_at", "\"now\"")]
    public void The_schema_refuses_what_is_no_list(string field, string? value)
    {
        var list = JsonNode.Parse(ContractFiles.Golden("list.json"))!.AsObject();
        list.Remove(field);
        if (value is not null)
        {
            list[field] = JsonNode.Parse(value);
        }
        Assert.False(ContractFiles.IsValid(Schema, list.ToJsonString()));
    }

    private static string Write(Provenance made, int[] items, float[] scores) =>
        System.Text.Encoding.UTF8.GetString(ListJson.Write(made, items, scores, new ItemTexts(s_ids)));
}
