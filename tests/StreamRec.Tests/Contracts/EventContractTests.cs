using StreamRec.Events;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/event.md, its schema and the parser say the same.</summary>
public class EventContractTests
{
    private const string Page = "event.md";

    private static readonly ClickEvent s_example = new(
        "0197c2a4-9b1f-7e32-8d14-2f6f0e6b9a51",
        "196",
        "sku-0242",
        "click",
        1767225600250,
        "s-77",
        new Shown("list", "9f2c6a1b0d3e4f57", 3)
    );

    /// <summary>What the schema and the parser agree on. <c>{0}</c> is replaced by the required fields.</summary>
    public static TheoryData<string, string> Agreed =>
        new()
        {
            { "{{0}}", "" },
            {
                """{"event_id":1,"user_id":-2,"item_id":123456789012345678901234567890,"ts":"2026-01-01T00:00:00Z"}""",
                ""
            },
            { """{{0},"type":null,"session_id":null,"shown":null}""", "" },
            { """{{0},"type":"wishlist","session_id":7,"shown":{}}""", "" },
            { """{{0},"shown":{"list":"popular","model":null,"position":10000,"slot":[1]}}""", "" },
            { """{{0},"price":1.5,"tags":["a",{"b":null}]}""", "" },
            { """{{0},"segments":null}""", "" },
            { """{{0},"segments":[]}""", "" },
            { """{{0},"segments":["age:25-34","country:DE","a","a"]}""", "" },
            { """{{0},"segments":"age:25-34"}""", "wrong_type" },
            { """{{0},"segments":[5]}""", "wrong_type" },
            { """{{0},"segments":[null]}""", "wrong_type" },
            { """{{0},"segments":[["a"]]}""", "wrong_type" },
            { """{{0},"segments":["a",""]}""", "bad_length" },
            { """{{0},"segments":["a","b","c","d","e"]}""", "bad_length" },
            {
                """{{0},"segments":["abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcde"]}""",
                "bad_length"
            },
            { """["event"]""", "not_an_object" },
            { """{"event_id":"e","user_id":"u","item_id":"i"}""", "missing_field" },
            { """{"event_id":"e","user_id":"u","ts":1767225600250}""", "missing_field" },
            { """{"event_id":null,"user_id":"u","item_id":"i","ts":1767225600250}""", "wrong_type" },
            { """{"event_id":"e","user_id":1.5,"item_id":"i","ts":1767225600250}""", "wrong_type" },
            { """{"event_id":"e","user_id":true,"item_id":"i","ts":1767225600250}""", "wrong_type" },
            { """{"event_id":"e","user_id":"","item_id":"i","ts":1767225600250}""", "bad_length" },
            { """{{0},"type":7}""", "wrong_type" },
            { """{{0},"type":""}""", "bad_length" },
            { """{{0},"type":"abcdefghijabcdefghijabcdefghijabc"}""", "bad_length" },
            { """{{0},"session_id":[]}""", "wrong_type" },
            { """{{0},"shown":"list"}""", "wrong_type" },
            { """{{0},"shown":{"list":5}}""", "wrong_type" },
            { """{{0},"shown":{"model":""}}""", "bad_length" },
            { """{{0},"shown":{"position":"3"}}""", "wrong_type" },
            { """{{0},"shown":{"position":1.5}}""", "wrong_type" },
            { """{{0},"shown":{"position":0}}""", "out_of_range" },
            { """{{0},"shown":{"position":10001}}""", "out_of_range" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":"yesterday"}""", "bad_time" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":1767225600.25}""", "bad_time" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":[]}""", "wrong_type" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":-1}""", "time_out_of_range" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":1767225600}""", "time_in_seconds" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":1767225600250000}""", "time_in_microseconds" },
        };

    /// <summary>What only the parser can tell.</summary>
    public static TheoryData<string, string> Parsed =>
        new()
        {
            { "", "empty" },
            { "\uFEFF{}", "byte_order_mark" },
            { """{"event_id":"\ud83d","user_id":"u","item_id":"i","ts":1767225600250}""", "bad_utf8" },
            { "{", "malformed_json" },
            { "not json", "malformed_json" },
            { "{{0}} {}", "malformed_json" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":NaN}""", "malformed_json" },
            { """{{0},"event_id":"e"}""", "duplicate_field" },
            { """{{0},"shown":{"position":1,"position":1}}""", "duplicate_field" },
            { """{{0},"segments":["a"],"segments":["a"]}""", "duplicate_field" },
            { """{{0},"segments":["\ud83d"]}""", "bad_utf8" },
            { """{{0},"segments":["a"}""", "malformed_json" },
            { """{{0},"deep":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}""", "too_deep" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":"1970-01-01T00:00:00Z"}""", "time_out_of_range" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":"2025-02-29T00:00:00Z"}""", "bad_time" },
            { """{"event_id":"e","user_id":"u","item_id":"i","ts":"2026-01-01T00:00:60Z"}""", "bad_time" },
        };

    [Fact]
    public void The_example_is_an_event()
    {
        var example = ContractFiles.Example("event.example.json", Page);

        Assert.True(
            EventJson.TryParse(System.Text.Encoding.UTF8.GetBytes(example), out var click, out var error),
            error.ToString()
        );
        Assert.Equal(s_example, click);
        Assert.True(ContractFiles.IsValid("event.schema.json", example));
    }

    [Fact]
    public void Events_are_written_as_the_golden_bytes()
    {
        Assert.Equal(
            ContractFiles.Golden("event.json").TrimEnd('\n'),
            System.Text.Encoding.UTF8.GetString(EventJson.ToUtf8(s_example))
        );
        Assert.Equal(
            """{"event_id":"e","user_id":"ü \"{}","item_id":"i","type":"view","ts":1767225600250}""",
            System.Text.Encoding.UTF8.GetString(
                EventJson.ToUtf8(new ClickEvent("e", "ü \"{}", "i", "view", 1767225600250))
            )
        );
    }

    [Theory]
    [MemberData(nameof(Agreed))]
    public void Schema_and_parser_agree(string json, string reason)
    {
        json = Filled(json);
        Assert.Equal(reason.Length == 0, ContractFiles.IsValid("event.schema.json", json));
        Assert.Equal(reason, Reason(json));
    }

    [Theory]
    [MemberData(nameof(Parsed))]
    public void The_parser_gives_the_reason(string json, string reason) => Assert.Equal(reason, Reason(Filled(json)));

    [Fact]
    public void Segments_come_back_as_they_were_written()
    {
        string[] segments = ["age:25-34", "ort:\"Köln\"", "a"];
        var written = EventJson.ToUtf8(s_example with { Segments = segments });

        Assert.EndsWith(
            ",\"segments\":[\"age:25-34\",\"ort:\\\"Köln\\\"\",\"a\"]}",
            System.Text.Encoding.UTF8.GetString(written)
        );
        Assert.True(EventJson.TryParse(written, out ClickEvent read, out _));
        Assert.Equal(segments, read.Segments);
        Assert.Equal(s_example, read with { Segments = null });
        Assert.Null(EventRules.Check(read));
        Assert.True(
            EventJson.TryParse(
                """{"segments":[],"event_id":1,"user_id":2,"item_id":3,"ts":1767225600250}"""u8,
                out read,
                out _
            )
        );
        Assert.Null(read.Segments);
    }

    [Fact]
    public void Events_that_were_not_parsed_are_held_to_the_same_segments()
    {
        foreach (
            var bad in (string[][])
                [
                    ["a", "b", "c", "d", "e"],
                    [""],
                    [new string('ü', 33)],
                    ["\ud83d"],
                ]
        )
        {
            Assert.Equal("segments", EventRules.Check(s_example with { Segments = bad })!.Value.Field);
        }
        Assert.Null(EventRules.Check(s_example with { Segments = [new string('ü', 32)] }));
    }

    [Fact]
    public void What_a_worker_reads_of_an_event_costs_no_memory()
    {
        foreach (var more in (string[])["", ""","segments":["age:25-34","country:DE"]"""])
        {
            ReadOnlyMemory<byte> json = System.Text.Encoding.UTF8.GetBytes(Filled("{{0}" + more + "}"));
            Assert.True(EventJson.TryParse(json, out EventText _, out _));
            var before = GC.GetAllocatedBytesForCurrentThread();
            EventJson.TryParse(json, out EventText _, out _);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Lengths_are_of_utf8_bytes()
    {
        Assert.Equal("", Reason(WithUser(new string('ü', 64))));
        Assert.Equal("bad_length", Reason(WithUser(new string('ü', 65))));
        Assert.Equal("bad_length", Reason(WithUser(new string('7', 129))));
        Assert.Equal("record_too_large", Reason(Filled("{{0},\"x\":\"" + new string('x', 65_536) + "\"}")));
        byte[] bad = [.. "{\"event_id\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Assert.False(EventJson.TryParse(bad, out _, out var error));
        Assert.Equal("bad_utf8", error.Code);
    }

    [Fact]
    public void Integers_are_taken_as_their_digits()
    {
        Assert.True(
            EventJson.TryParse(
                """{"event_id":7,"user_id":-2,"item_id":123456789012345678901234567890,"ts":1767225600250}"""u8,
                out var click,
                out _
            )
        );
        Assert.Equal(("7", "-2", "123456789012345678901234567890"), (click.EventId, click.UserId, click.ItemId));
    }

    [Fact]
    public void Times_of_both_kinds_are_the_same_time()
    {
        Assert.True(
            EventJson.TryParse(
                """{"event_id":"e","user_id":"u","item_id":"i","ts":"2026-01-01t01:00:00.2509+01:00"}"""u8,
                out var click,
                out _
            )
        );
        Assert.Equal(1767225600250, click.TimeMs);
        Assert.Equal("click", click.Type);
    }

    private static string Filled(string json) =>
        json.Replace(
            "{0}",
            "\"event_id\":\"e\",\"user_id\":\"u\",\"item_id\":\"i\",\"ts\":1767225600250",
            StringComparison.Ordinal
        );

    private static string WithUser(string user) =>
        $$"""{"event_id":"e","user_id":"{{user}}","item_id":"i","ts":1767225600250}""";

    private static string Reason(string json) =>
        EventJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out _, out var error) ? "" : error.Code;
}
