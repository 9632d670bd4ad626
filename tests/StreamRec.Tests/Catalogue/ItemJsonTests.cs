using StreamRec.Catalogue;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Catalogue;

/// <summary>schemas/item.md, its schema and the reader say the same.</summary>
public sealed class ItemJsonTests
{
    private const string Schema = "item.schema.json";

    [Fact]
    public void The_example_is_an_item()
    {
        var example = ContractFiles.Example("item.example.json", "item.md");

        Assert.True(ContractFiles.IsValid(Schema, example));
        Assert.True(ItemJson.TryParse("sku-0242"u8, Bytes(example), out var facts, out _));
        Assert.Equal("Grüner Tee \"No. 1\"", facts.Title);
        Assert.Equal(["tea", "tea/green"], facts.Categories);
        Assert.Equal(
            "brand=Teehaus origin=jp,cn price=7.5",
            string.Join(
                ' ',
                facts
                    .Attributes.OrderBy(one => one.Key, StringComparer.Ordinal)
                    .Select(one =>
                        FormattableString.Invariant($"{one.Key}={one.Value.Number}{string.Join(',', one.Value.Texts)}")
                    )
            )
        );
        Assert.Equal(new Availability(true, 1767225600000, 1798761600000), facts.Availability);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"title":null,"categories":null,"attributes":null,"available":null,"since":null,"until":null}""")]
    [InlineData("""{"later":{"a":[[[1]]]},"title":"t"}""")]
    [InlineData("""{"available":false}""")]
    [InlineData("""{"attributes":{"price":1.5e3,"brand":"b","tags":["a","b"]}}""")]
    public void Schema_and_reader_take(string json)
    {
        Assert.True(ContractFiles.IsValid(Schema, json), json);
        Assert.True(ItemJson.TryParse("i"u8, Bytes(json), out _, out var error), error.ToString());
    }

    [Theory]
    [InlineData("""[]""", "not_an_object")]
    [InlineData("""{"title":7}""", "wrong_type")]
    [InlineData("""{"title":""}""", "bad_length")]
    [InlineData("""{"categories":"tea"}""", "wrong_type")]
    [InlineData("""{"categories":["tea",1]}""", "wrong_type")]
    [InlineData("""{"categories":[""]}""", "bad_length")]
    [InlineData(
        """{"categories":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""",
        "out_of_range"
    )]
    [InlineData("""{"attributes":[]}""", "wrong_type")]
    [InlineData("""{"attributes":{"a":{}}}""", "wrong_type")]
    [InlineData("""{"attributes":{"a":true}}""", "wrong_type")]
    [InlineData("""{"attributes":{"":1}}""", "bad_length")]
    [InlineData("""{"available":"yes"}""", "wrong_type")]
    [InlineData("""{"since":"2026-01-01"}""", "wrong_type")]
    [InlineData("""{"since":1767225600}""", "time_in_seconds")]
    [InlineData("""{"until":1767225600000000}""", "time_in_microseconds")]
    [InlineData("""{"until":-1}""", "time_out_of_range")]
    public void Schema_and_reader_refuse(string json, string reason)
    {
        Assert.False(ContractFiles.IsValid(Schema, json), json);
        Assert.False(ItemJson.TryParse("i"u8, Bytes(json), out _, out var error));
        Assert.Equal(reason, error.Code);
    }

    [Theory]
    [InlineData("""{"title":"a","title":"b"}""", "duplicate_field")]
    [InlineData("""{"since":1767225600001,"until":1767225600001}""", "out_of_range")]
    [InlineData("""{"title":"\ud800"}""", "bad_utf8")]
    [InlineData("""{"title":"a"} x""", "malformed_json")]
    [InlineData("""{"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}""", "too_deep")]
    [InlineData("\uFEFF{}", "byte_order_mark")]
    public void The_reader_refuses_what_a_schema_cannot_say(string json, string reason)
    {
        Assert.False(ItemJson.TryParse("i"u8, Bytes(json), out _, out var error));
        Assert.Equal(reason, error.Code);
    }

    [Fact]
    public void Keys_and_values_are_bounded()
    {
        Assert.Equal("bad_length", Reason([], "{}"));
        Assert.Equal("bad_length", Reason(new byte[129], "{}"));
        Assert.Equal("bad_utf8", Reason([0xFF], "{}"));
        Assert.Equal("record_too_large", Reason([(byte)'i'], $"{{\"a\":\"{new string('x', 16 * 1024)}\"}}"));
    }

    private static string Reason(byte[] key, string json) =>
        ItemJson.TryParse(key, Bytes(json), out _, out var error) ? "" : error.Code;

    private static byte[] Bytes(string json) => System.Text.Encoding.UTF8.GetBytes(json);
}
