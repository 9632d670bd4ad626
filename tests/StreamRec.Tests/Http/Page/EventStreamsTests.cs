using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using StreamRec.Http.Page;

namespace StreamRec.Tests.Http.Page;

public sealed class EventStreamsTests
{
    [Fact]
    public async Task All_listeners_get_the_same_bytes_and_the_next_after_the_sixteenth_is_told_to_come_back()
    {
        await using var page = await PageStage.StartAsync();
        var streams = new List<(HttpResponseMessage Answer, StreamReader Lines)>();
        for (var i = 0; i < EventStreams.Most; i++)
        {
            streams.Add(await page.ListenAsync());
        }
        var first = streams[0].Answer;
        Assert.Equal("text/event-stream", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no", first.Headers.GetValues("X-Accel-Buffering").Single());

        using var refused = await page.Client.GetAsync("/events");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("5", refused.Headers.GetValues("Retry-After").Single());

        page.Board.Tick();
        var told = new List<string>();
        foreach (var (_, lines) in streams)
        {
            // Of the history, of the last status, and of the one that came now.
            for (var events = 0; events < 3; events += (told[^1].StartsWith("data: ") ? 1 : 0))
            {
                told.Add((await lines.ReadLineAsync())!);
            }
        }
        Assert.Single(told.Where(line => line.StartsWith("data: {")).Distinct().Skip(1));

        await page.Endpoint.DisposeAsync();
        foreach (var (answer, lines) in streams)
        {
            Assert.DoesNotContain("data", await lines.ReadToEndAsync());
            answer.Dispose();
        }
    }

    [Fact]
    public async Task A_place_is_free_again_once_a_listener_has_gone()
    {
        using var streams = new EventStreams(TimeProvider.System);
        using var gone = new CancellationTokenSource();
        var listening = Enumerable
            .Range(0, EventStreams.Most)
            .Select(i => streams.AnswerAsync(Context(i == 0 ? gone.Token : default), default))
            .ToArray();

        await gone.CancelAsync();
        await listening[0];

        var next = Context(default);
        var answering = streams.AnswerAsync(next, default);
        Assert.Equal("text/event-stream", next.Response.ContentType);
        streams.Dispose();
        await Task.WhenAll([.. listening, answering]);
    }

    [Fact]
    public async Task A_stream_without_events_shows_each_quarter_of_a_minute_that_it_lives()
    {
        var time = new FakeTimeProvider();
        using var streams = new EventStreams(time);
        var context = Context(default);
        var body = new MemoryStream();
        context.Response.Body = body;
        var answering = streams.AnswerAsync(context, "data: first\n\n"u8.ToArray());

        time.Advance(TimeSpan.FromSeconds(10));
        streams.Send("data: second\n\n"u8.ToArray());
        time.Advance(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        streams.Send("data: third\n\n"u8.ToArray());
        while (!Encoding.UTF8.GetString(body.ToArray()).EndsWith("data: third\n\n", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
        Assert.Equal(
            "data: first\n\ndata: second\n\n: heartbeat\n\ndata: third\n\n",
            Encoding.UTF8.GetString(body.ToArray())
        );
        streams.Dispose();
        await answering;
    }

    private static DefaultHttpContext Context(CancellationToken aborted) => new() { RequestAborted = aborted };
}
