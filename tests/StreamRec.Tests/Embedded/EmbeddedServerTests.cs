using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Embedded;

namespace StreamRec.Tests.Embedded;

public class EmbeddedServerTests
{
    [Fact]
    public async Task The_store_runs_scripts()
    {
        using var store = EmbeddedStore.Start();
        using var redis = await ConnectionMultiplexer.ConnectAsync(store.Address);

        var answer = await redis
            .GetDatabase()
            .ScriptEvaluateAsync(
                "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('TIME')[1] .. redis.call('GET', KEYS[1])",
                [(RedisKey)"k"],
                [(RedisValue)"v"]
            );

        Assert.EndsWith("v", (string)answer!);
    }

    /// <summary>What the demo's states rest on: without its transaction mode the store interleaves scripts.</summary>
    [Fact]
    public async Task Scripts_of_many_connections_are_atomic()
    {
        const int Connections = 4,
            Times = 1_000;
        using var store = EmbeddedStore.Start();

        await Task.WhenAll(
            Enumerable
                .Range(0, Connections)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        using var redis = await ConnectionMultiplexer.ConnectAsync(store.Address);
                        await Task.WhenAll(
                            Enumerable
                                .Range(0, Times)
                                .Select(_ =>
                                    redis
                                        .GetDatabase()
                                        .ScriptEvaluateAsync(
                                            "redis.call('SET', KEYS[1], (redis.call('GET', KEYS[1]) or 0) + 1)",
                                            [(RedisKey)"count"]
                                        )
                                )
                        );
                    })
                )
        );

        using var reader = await ConnectionMultiplexer.ConnectAsync(store.Address);
        Assert.Equal(Connections * Times, (int)await reader.GetDatabase().StringGetAsync("count"));
    }

    [Fact]
    public async Task The_broker_keeps_what_is_produced()
    {
        using var broker = EmbeddedBroker.Start();
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = broker.Address }
        ).Build();

        var report = await producer.ProduceAsync("clicks", new Message<string, string> { Key = "u", Value = "v" });

        Assert.Equal(PersistenceStatus.Persisted, report.Status);
    }
}
