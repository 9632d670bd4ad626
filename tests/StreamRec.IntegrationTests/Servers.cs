using StreamRec.Testing.Servers;

// One test at a time: they share two cores with the servers that they start.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace StreamRec.IntegrationTests;

/// <summary>
/// One Kafka and one Redis for all tests of a collection, which keep apart by names of topics and prefixes.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    private KafkaServer? _kafka;
    private RedisServer? _redis;

    internal KafkaServer Kafka => _kafka ?? throw new InvalidOperationException(Installed.WhyNoServers);

    internal RedisServer Redis => _redis ?? throw new InvalidOperationException(Installed.WhyNoServers);

    public async Task InitializeAsync()
    {
        if (Installed.WhyNoServers is null)
        {
            _kafka = await KafkaServer.StartAsync();
            _redis = await RedisServer.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_kafka is not null && _redis is not null)
        {
            await _kafka.DisposeAsync();
            await _redis.DisposeAsync();
        }
    }
}

[CollectionDefinition(nameof(Servers))]
public sealed class ServersCollection : ICollectionFixture<Servers>;
