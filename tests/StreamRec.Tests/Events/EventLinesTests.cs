using StreamRec.Events;

namespace StreamRec.Tests.Events;

public class EventLinesTests
{
    private const string Good = """{"event_id":"e","user_id":"u","item_id":"i","ts":1767225600250}""";

    [Fact]
    public void Lines_are_numbered_and_blank_ones_passed_over()
    {
        var lines = Read("\uFEFF" + Good + "\r\n\n  \n" + Good + "\n" + Good);

        Assert.Equal([1, 4, 5], lines.Select(line => line.Number));
        Assert.All(lines, line => Assert.NotNull(line.Event));
    }

    [Fact]
    public void Bad_utf8_is_told_and_not_replaced()
    {
        byte[] bytes = [.. "{\"event_id\":\"e"u8, 0xFF, .. "\"}\n"u8, .. System.Text.Encoding.UTF8.GetBytes(Good)];

        var lines = EventLines.Read(new MemoryStream(bytes)).ToList();

        Assert.Equal(EventReason.BadUtf8, lines[0].Error.Reason);
        Assert.Equal(2, lines[1].Number);
        Assert.NotNull(lines[1].Event);
    }

    [Theory]
    [InlineData(EventLimits.MaxRecordBytes + 1)]
    [InlineData(2 * EventLimits.MaxRecordBytes)]
    [InlineData(10 << 20)]
    public void A_line_of_any_length_costs_one_line(int length)
    {
        var lines = Read(Good + "\n" + new string('x', length) + "\n" + Good + "\n" + new string('y', length));

        Assert.Equal([1, 2, 3, 4], lines.Select(line => line.Number));
        Assert.Equal(
            [EventReason.None, EventReason.RecordTooLarge, EventReason.None, EventReason.RecordTooLarge],
            lines.Select(line => line.Error.Reason)
        );
    }

    [Fact]
    public void Lines_come_whole_however_the_stream_is_cut()
    {
        var random = new Random(5);
        var texts = Enumerable
            .Range(0, 2_000)
            .Select(i =>
                Good.Replace("\"e\"", $"\"e{i}{new string('-', random.Next(100))}\"", StringComparison.Ordinal)
            )
            .ToList();

        var lines = EventLines
            .Read(new Dribble(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', texts)), random))
            .ToList();

        Assert.Equal(texts.Count, lines.Count);
        Assert.All(
            lines,
            line => Assert.StartsWith($"e{line.Number - 1}", line.Event!.Value.EventId, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.Contains(
            "no-such-file",
            Assert.Throws<StreamRecException>(() => EventLines.Read("no-such-file")).Message
        );
    }

    private static List<EventLine> Read(string text) =>
        [.. EventLines.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)))];
}
