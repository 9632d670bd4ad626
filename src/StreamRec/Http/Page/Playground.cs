using Confluent.Kafka;
using Microsoft.AspNetCore.Http;
using StreamRec.Client;
using StreamRec.Client.Kafka;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Options;

namespace StreamRec.Http.Page;

/// <summary>Publishes one click, as any application would, and shows the user's list before and after it.</summary>
internal sealed class Playground(WorkOptions options, KafkaSettings settings, UserLookup users, TimeProvider time)
    : IDisposable
{
    /// <summary>By which what was published here is told from what users did.</summary>
    public const string Session = "playground";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<EventPublisher>? _publisher;

    /// <summary>Both lists as JSON, with the status of the answer.</summary>
    /// <exception cref="StreamRecException">Redis cannot be reached, or refuses; or the client does.</exception>
    public async Task<(int Status, byte[] Json)> ClickAsync(string user, string item, CancellationToken cancel)
    {
        var reader = await users.ReaderAsync(cancel);
        var publisher = await PublisherAsync();
        var before = await reader.ReadAsync(user, cancel);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var click = new ClickEvent($"{Session}-{Guid.NewGuid():N}", user, item, "click", now, Session);
        try
        {
            var began = time.GetTimestamp();
            var position = await publisher.PublishAsync(click, cancel).WaitAsync(s_limit, time, cancel);
            var after = await reader.WaitForAsync(user, position, s_limit, cancel);
            var took = time.GetElapsedTime(began);
            return (
                StatusCodes.Status200OK,
                JsonAnswer.Write(json =>
                {
                    json.WriteNumber("partition", position.Partition);
                    json.WriteNumber("offset", position.Offset);
                    json.WriteBoolean("included", after.IsIncluded);
                    json.WriteNumber("ms", Math.Round(took.TotalMilliseconds, 1));
                    json.WritePropertyName("before");
                    users.Write(json, before);
                    json.WritePropertyName("after");
                    users.Write(json, after.List);
                })
            );
        }
        catch (InvalidEventException fault)
        {
            return Refused(StatusCodes.Status400BadRequest, fault.Message);
        }
        catch (EventNotPublishedException fault)
        {
            return Refused(StatusCodes.Status503ServiceUnavailable, fault.Message);
        }
        catch (TimeoutException)
        {
            return Refused(StatusCodes.Status504GatewayTimeout, $"{settings} has not answered.");
        }
    }

    public void Dispose()
    {
        if (_publisher is { IsCompletedSuccessfully: true, Result: var publisher })
        {
            publisher.Dispose();
        }
    }

    // The first click opens it; where that failed, the next one tries again.
    private Task<EventPublisher> PublisherAsync()
    {
        lock (_lock)
        {
            return _publisher is null or { IsFaulted: true } ? _publisher = Blocking.RunAsync(Open) : _publisher;
        }
    }

    private EventPublisher Open() =>
        settings.Open(() =>
            new EventPublisher(
                settings.Apply(new ClientConfig()),
                options.Topic,
                KeyHash.Producer(options.Partitioner),
                onLog: settings.Log.Write
            )
            {
                Identifies = options.TopicIds,
            }
        );

    private static (int, byte[]) Refused(int status, string why) =>
        (status, JsonAnswer.Write(json => json.WriteString("error", why)));
}
