using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Demo.Embedded;
using StreamRec.Kafka;
using StreamRec.Options;

namespace StreamRec.Demo;

/// <summary>Where the demo's events and lists live: embedded servers, or those that were named.</summary>
internal sealed class DemoServers : IDisposable
{
    private const int Partitions = 2;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(15);

    private readonly EmbeddedServer? _broker,
        _store;

    private DemoServers(DemoOptions options)
    {
        _broker = options.Bootstrap is null ? EmbeddedServer.Broker(Partitions) : null;
        _store = options.Redis is null && options.Part == DemoPart.Whole ? EmbeddedServer.Store() : null;
        Reached = options.Servers;
        if (_broker is not null)
        {
            // The embedded broker answers a fetch that found nothing when its wait is over, even if a record came
            // meanwhile.
            (Reached.Bootstrap, Reached.Kafka) = (_broker.Address, new() { ["fetch.wait.max.ms"] = "2" });
        }
        if (_store is not null)
        {
            Reached.TakeRedis(new ServerOptions { Redis = _store.Address });
        }
    }

    /// <summary>How to reach them.</summary>
    public ServerOptions Reached { get; }

    public bool BrokerIsEmbedded => _broker is not null;

    public static async Task<DemoServers> StartAsync(DemoOptions options, CancellationToken cancel)
    {
        var servers = new DemoServers(options);
        if (!servers.BrokerIsEmbedded)
        {
            await CreateTopicAsync(servers.Reached.KafkaSettings(), cancel);
        }
        return servers;
    }

    private static async Task CreateTopicAsync(KafkaSettings kafka, CancellationToken cancel)
    {
        // The client tells of a refused user here, and goes on asking.
        var refused = new TaskCompletionSource<Error>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var admin = kafka.Open(() =>
            new AdminClientBuilder(kafka.Apply(new AdminClientConfig()))
                .SetLogHandler(kafka.Log.Write)
                .SetErrorHandler(
                    (_, error) =>
                    {
                        if (kafka.Refusal(error, "") is not null)
                        {
                            refused.TrySetResult(error);
                        }
                    }
                )
                .Build()
        );
        try
        {
            var creation = admin.CreateTopicsAsync(
                [new TopicSpecification { Name = DemoOptions.Topic, NumPartitions = Partitions }],
                new CreateTopicsOptions { RequestTimeout = s_timeout }
            );
            await (
                await Task.WhenAny(creation, refused.Task).WaitAsync(cancel) == creation
                    ? creation
                    : throw new KafkaException(await refused.Task)
            );
        }
        catch (CreateTopicsException fault) when (fault.Results.All(r => r.Error.Code is ErrorCode.TopicAlreadyExists))
        { }
        catch (KafkaException fault)
        {
            throw kafka.Refusal(fault.Error, $"making topic '{DemoOptions.Topic}'")
                ?? new StreamRecException(
                    $"Topic '{DemoOptions.Topic}' cannot be made on {kafka} ({fault.Error.Reason}). "
                        + "Is it running, and is --bootstrap right?",
                    FaultKind.Unreachable
                );
        }
    }

    public void Dispose()
    {
        _store?.Dispose();
        _broker?.Dispose();
    }
}
