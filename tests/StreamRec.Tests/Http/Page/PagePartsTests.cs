using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using StreamRec.DeadLetters;
using StreamRec.Http.Page;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Tests.Http.Page;

public sealed class PagePartsTests
{
    [Fact]
    public void The_last_two_minutes_are_kept_with_the_freshness_of_each_second()
    {
        var time = new FakeTimeProvider();
        var board = new StatusBoard("clicks", "g", time);
        using var metrics = new WorkMetrics(board, time);
        using var feed = new StatusFeed(board, metrics, (_, second) => [(byte)(second.P99 is null ? 0 : 1)], time);
        for (var second = 0; second < StatusFeed.Kept + 5; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (second == StatusFeed.Kept)
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                metrics.Written(new("clicks", 0, "u", 1, "g"), new(now - 200, now - 100));
            }
            board.Tick();
        }
        var history = JsonDocument.Parse(feed.History()).RootElement.EnumerateArray().ToArray();

        Assert.Equal(StatusFeed.Kept, history.Length);
        var measured = history.Single(second => second.GetProperty("p99").ValueKind == JsonValueKind.Number);
        Assert.InRange(measured.GetProperty("p50").GetDouble(), .1, .102);
        Assert.InRange(measured.GetProperty("p99").GetDouble(), .2, .204);
        Assert.Equal([0], feed.Current);
    }

    [Fact]
    public void Dead_letters_are_shown_with_nothing_in_them_that_could_act()
    {
        var source = new LetterSource("clicks", "uuid", 3, 77);
        Letter Of(int written, byte[] value) =>
            new(
                $"0:{written}",
                written,
                "malformed_json",
                "Not JSON.",
                source,
                -1,
                false,
                "k\u202e"u8.ToArray(),
                value
            );
        byte[] bytes = [0xff, .. "<b>\u001b[31m"u8];

        var shown = JsonDocument
            .Parse(DeadLetterTail.Write("clicks.dead-letters", [Of(1, []), Of(2, bytes), Of(3, new byte[5_000])]))
            .RootElement.GetProperty("letters")
            .EnumerateArray()
            .ToArray();

        Assert.Equal([3, 2, 1], shown.Select(letter => letter.GetProperty("written_at").GetInt32()));
        Assert.Equal("\\xff<b>\\u001b[31m", shown[1].GetProperty("value").GetString());
        Assert.Equal("k\\u202e", shown[1].GetProperty("key").GetString());
        Assert.True(shown[0].GetProperty("cut").GetBoolean());
        Assert.Equal(5_000, shown[0].GetProperty("value_bytes").GetInt32());
        Assert.False(shown[1].GetProperty("cut").GetBoolean());
    }

    [Fact]
    public void The_last_record_of_an_item_says_its_title()
    {
        using var titles = new ItemTitles();
        void Take(string value) =>
            titles.Take("i"u8.ToArray(), value.Length == 0 ? null : [.. value.Select(c => (byte)c)]);

        Take("""{"title":"Tea"}""");
        Assert.Equal("Tea", titles.Of("i"));
        Take("""{"title":"Green tea"}""");
        Assert.Equal("Green tea", titles.Of("i"));
        Take("""{"categories":["tea"]}""");
        Assert.Null(titles.Of("i"));
        Take("""{"title":"Tea"}""");
        Take("");
        Assert.Null(titles.Of("i"));
        Assert.Null(titles.Of("j"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("..", true)]
    [InlineData("a/b c", true)]
    public void A_user_is_an_id_of_events(string? user, bool isId) => Assert.Equal(isId, UserLookup.IsId(user));

    [Fact]
    public void An_id_has_at_most_128_bytes()
    {
        Assert.True(UserLookup.IsId(new string('ü', 64)));
        Assert.False(UserLookup.IsId(new string('ü', 65)));
    }
}
