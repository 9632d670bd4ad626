using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Embedded;

namespace StreamRec.Demo;

/// <summary>Where the demo's events and lists live: embedded servers, or those that were named.</summary>
internal sealed class DemoServers : IDisposable
{
    private const int Partitions = 2;

    private readonly EmbeddedBroker? _broker;
    private readonly EmbeddedStore? _store;

    private DemoServers(string? bootstrap, string? redis)
    {
        _broker = bootstrap is null ? EmbeddedBroker.Start(Partitions) : null;
        _store = redis is null ? EmbeddedStore.Start() : null;
        Bootstrap = bootstrap ?? _broker!.Address;
        Redis = redis ?? _store!.Address;
    }

    public string Bootstrap { get; }

    public bool BrokerIsEmbedded => _broker is not null;

    /// <summary>The embedded broker answers a fetch that found nothing when its wait is over, even if a record came meanwhile.</summary>
    public Dictionary<string, string> ConsumerSettings => BrokerIsEmbedded ? new() { ["fetch.wait.max.ms"] = "2" } : [];

    public string Redis { get; }

    public static async Task<DemoServers> StartAsync(DemoOptions options)
    {
        var servers = new DemoServers(options.Bootstrap, options.Redis);
        if (options.Bootstrap is { } bootstrap)
        {
            await CreateTopicAsync(bootstrap);
        }
        return servers;
    }

    private static async Task CreateTopicAsync(string bootstrap)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap })
            .SetLogHandler((_, _) => { }).Build();
        try
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = DemoOptions.Topic, NumPartitions = Partitions }]);
        }
        catch (CreateTopicsException fault) when (fault.Results.All(r => r.Error.Code is ErrorCode.TopicAlreadyExists))
        {
        }
        catch (KafkaException fault)
        {
            throw new StreamRecException(
                $"Topic '{DemoOptions.Topic}' cannot be made on Kafka at {bootstrap} ({fault.Error.Reason}). Is it running, and is --bootstrap right?",
                ExitCode.Unreachable);
        }
    }

    public void Dispose()
    {
        _store?.Dispose();
        _broker?.Dispose();
    }
}
