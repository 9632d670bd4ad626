using StreamRec.Events;

namespace StreamRec.Tests.Fuzzing;

/// <summary>Kafka values: one JSON event each.</summary>
internal sealed class EventTarget : FuzzTarget
{
    public override string Name => "event";

    public override FuzzCorpus Corpus { get; } =
        new(
            [
                .. new[]
                {
                    """{"event_id":"a1","user_id":"196","item_id":"242","type":"click","ts":881250949000}""",
                    """{"event_id":17,"user_id":-4,"item_id":9007199254740993,"ts":"1997-12-04T15:55:49.250+01:00"}""",
                    """{"ts":1700000000000,"event_id":"\u00e9\ud83d\ude00","user_id":"ü","item_id":"\"\\\/\b\n","""
                        + """ "type":null,"session_id":"s-1"}""",
                    """ { "event_id" : "x" , "user_id" : "y" , "item_id" : "z" , "ts" : 99999999999999 ,"""
                        + """ "more" : [ { "a" : [ 1.5e300 , true ] } , null ] } """,
                    """{"event_id":"s","user_id":"u","item_id":"i","type":"héllo","ts":"""
                        + """1700000000000,"session_id":9,"shown":{"list":"home","model":"m","position":3,"x":[]}}""",
                    $$"""
                    {"event_id":"{{new string('e', 128)}}","user_id":"{{new string('u', 128)}}",
                     "item_id":"{{new string('i', 127)}}","ts":1700000000000}
                    """,
                    $$"""{"event_id":"1","user_id":"1","item_id":"1","ts":1700000000000,"deep":"""
                        + $$"""{{new string('[', 14)}}{{new string(']', 14)}}}""",
                }.Select(System.Text.Encoding.UTF8.GetBytes),
            ],
            [
                .. new[]
                {
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "null",
                    "true",
                    "-",
                    "1e999",
                    "-0",
                    "0x1",
                    "NaN",
                    "Infinity",
                    "\\u0000",
                    "\\ud800",
                    "\\udc00",
                    "\\",
                    "\"ts\":",
                    "\"ts\":1e3",
                    "\"event_id\":",
                    "\"user_id\":\"",
                    "\"shown\":{",
                    "\"position\":",
                    "881250949",
                    "99999999999999999999",
                    "1997-12-04T24:00:00Z",
                    "\u2028",
                    "\uFEFF",
                    "//",
                    "/* */",
                    "\0",
                    "\r\n",
                }.Select(System.Text.Encoding.UTF8.GetBytes),
                [0xFF],
                [0xC0, 0x80],
                [0xED, 0xA0, 0x80],
                [0xF4, 0x90, 0x80, 0x80],
                [0xE2, 0x82],
                new byte[EventLimits.MaxRecordBytes],
            ]
        );

    // Ids are kept as texts of two bytes a character; bad JSON costs the reader's exception,
    // which quotes a bad literal.
    public override long FixedBytes => 16_384;

    public override long BytesPerByte => 24;

    public override object? Parse(ReadOnlyMemory<byte> input)
    {
        var parsed = EventJson.TryParse(input.Span, out var click, out var error);
        Assert.Equal(parsed, EventJson.TryParse(input, out var slices, out var same));
        Assert.Equal(error, same);
        if (parsed)
        {
            Assert.True(Same(click, slices));
            return click;
        }
        Assert.NotEqual(EventReason.None, error.Reason);
        Assert.NotEmpty(error.Code);
        Assert.NotEmpty(error.Message);
        return null;
    }

    public override bool Same(object first, object second) => first.Equals(second);

    private static bool Same(in ClickEvent click, in EventText text) =>
        click.TimeMs == text.TimeMs
        && Same(click.EventId, text.EventId)
        && Same(click.UserId, text.UserId)
        && Same(click.ItemId, text.ItemId)
        && Same(click.Type, text.Type);

    private static bool Same(string text, ReadOnlyMemory<byte> utf8) =>
        System.Text.Encoding.UTF8.GetString(utf8.Span) == text;

    public override void Check(object parsed)
    {
        var click = (ClickEvent)parsed;
        foreach (var id in (string[])[click.EventId, click.UserId, click.ItemId])
        {
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(id), 1, EventLimits.MaxIdBytes);
        }
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(click.Type), 1, EventLimits.MaxTypeBytes);
        Assert.InRange(click.TimeMs, EventLimits.MinTimeMs, EventLimits.MaxTimeMs);
        Assert.True(EventJson.TryParse(EventJson.ToUtf8(click), out var back, out var error), error.ToString());
        Assert.Equal(click, back);
    }
}
