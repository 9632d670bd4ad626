using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Client.DependencyInjection;
using StreamRec.Client.Kafka;
using StreamRec.Client.Testing;
using StreamRec.Embedded;
using StreamRec.Events;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Client;

/// <summary>Reader and publisher as an application registers them.</summary>
public sealed class ServiceTests : OnEmbeddedStore
{
    private static readonly ClickEvent s_click = new("e", "u", "i", "click", 1767225600250);

    [Fact]
    public async Task A_reader_is_made_of_the_configuration()
    {
        await Redis.StringSetAsync("shop:list:u", ContractFiles.Golden("list.json"));
        await using var services = Services(
            services => services.AddStreamRecClient(),
            ("StreamRec:Client:Redis", Server.Address),
            ("StreamRec:Client:Prefix", "shop"),
            ("StreamRec:Client:ReadTimeout", "00:01:00")
        );

        Assert.Equal(ListSource.Own, (await services.GetRequiredService<IListReader>().ReadAsync("u")).Source);
    }

    [Fact]
    public async Task A_connection_that_is_registered_is_used_and_outlives_the_reader()
    {
        await Redis.StringSetAsync("streamrec:list:u", ContractFiles.Golden("list.json"));
        await using (
            var services = Services(services =>
                services
                    .AddSingleton<IConnectionMultiplexer>(_ => Connection)
                    .AddKeyedSingleton<IConnectionMultiplexer>("mine", Connection)
                    .AddStreamRecClient("mine", options => options.ReadTimeout = TimeSpan.FromMinutes(1))
            )
        )
        {
            var reader = services.GetRequiredKeyedService<IListReader>("mine");
            Assert.Equal(ListSource.Own, (await reader.ReadAsync("u")).Source);
        }
        Assert.True(Connection.IsConnected);
    }

    [Fact]
    public async Task Tenants_have_readers_of_their_own()
    {
        await Redis.StringSetAsync("north:list:u", ContractFiles.Golden("list.json"));
        await using var services = Services(
            services => services.AddStreamRecClient("north").AddStreamRecClient("south"),
            ("StreamRec:Client:north:Redis", Server.Address),
            ("StreamRec:Client:north:Prefix", "north"),
            ("StreamRec:Client:north:ReadTimeout", "00:01:00"),
            ("StreamRec:Client:south:Redis", Server.Address),
            ("StreamRec:Client:south:Prefix", "south"),
            ("StreamRec:Client:south:ReadTimeout", "00:01:00")
        );

        var sources = new List<ListSource>();
        foreach (var tenant in new[] { "north", "south" })
        {
            sources.Add((await services.GetRequiredKeyedService<IListReader>(tenant).ReadAsync("u")).Source);
        }
        Assert.Equal([ListSource.Own, ListSource.None], sources);
    }

    [Theory]
    [InlineData("StreamRec:Client:Prefix", "a:b", "StreamRec:Client: Prefix is 'a:b'")]
    [InlineData("StreamRec:Client:ReadTimeout", "00:00:00", "StreamRec:Client: ReadTimeout is 00:00:00")]
    [InlineData("StreamRec:Client:Redis", "", "StreamRec:Client: Redis is not set")]
    [InlineData("StreamRec:Client:Redis", "host,secret=x", "StreamRec:Client: Redis cannot be read")]
    [InlineData("StreamRec:Publisher:Topic", "", "StreamRec:Publisher: Topic is not set")]
    [InlineData("StreamRec:Publisher:Partitioner", "7", "StreamRec:Publisher: Partitioner is 7")]
    [InlineData("StreamRec:Publisher:Kafka:bootstrap.servers", null, "Kafka:bootstrap.servers is not set")]
    public async Task A_setting_that_cannot_be_used_ends_the_start_and_is_named(string key, string? value, string told)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var settings = new Dictionary<string, string?>
        {
            ["StreamRec:Client:Redis"] = "localhost:1",
            ["StreamRec:Publisher:Topic"] = "clicks",
            ["StreamRec:Publisher:Kafka:bootstrap.servers"] = "localhost:1",
            [key] = value,
        };
        builder.Configuration.AddInMemoryCollection(settings.Where(setting => setting.Value is not null));
        builder.Services.AddStreamRecClient().AddStreamRecPublisher();
        using var host = builder.Build();

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(told, fault.Message);
        Assert.DoesNotContain("secret", fault.Message);
    }

    [Fact]
    public async Task The_lists_are_healthy_where_there_are_some()
    {
        await using var services = Services(services =>
            services
                .AddSingleton<IConnectionMultiplexer>(_ => Connection)
                .AddStreamRecClient(options => options.ReadTimeout = TimeSpan.FromMinutes(1))
                .AddHealthChecks()
                .AddStreamRecLists()
        );
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(services, "streamrec_lists"));

        await Redis.StringSetAsync("streamrec:popular", ContractFiles.Golden("popular.json"));

        Assert.Equal(HealthStatus.Healthy, await HealthAsync(services, "streamrec_lists"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_lists_are_unhealthy_while_Redis_is_away(bool throws)
    {
        var lists = new InMemoryListReader(throwOnOutage: throws);
        lists.SetPopular("a");
        await using var services = Services(services =>
            services
                .AddSingleton<IListReader>(lists)
                .AddHealthChecks()
                .AddStreamRecLists()
                .AddStreamRecLists("mild", HealthStatus.Degraded)
                .Services.AddKeyedSingleton<IListReader>("mild", lists)
        );
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(services, "streamrec_lists"));

        lists.Fail(ListReason.Unreachable);

        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(services, "streamrec_lists"));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(services, "streamrec_lists_mild"));
    }

    [Fact]
    public async Task The_publisher_is_healthy_while_brokers_are_there_and_hash_alike()
    {
        using var broker = EmbeddedBroker.Start(2);
        await using var up = Publisher(broker.Address, "murmur2");
        await using var other = Publisher(broker.Address, "crc32");
        await using var down = Publisher("127.0.0.1:1", "murmur2");

        Assert.Equal(HealthStatus.Healthy, await HealthAsync(up, "streamrec_publisher"));
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(other, "streamrec_publisher"));
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(down, "streamrec_publisher"));
    }

    [Fact]
    public async Task A_publisher_beside_a_reader_asks_what_the_worker_expects()
    {
        using var broker = EmbeddedBroker.Start(2);
        await Redis.HashSetAsync("streamrec:meta:{clicks:0}", "partitioner", "crc32");
        await using var services = Services(
            services =>
                services
                    .AddSingleton<IConnectionMultiplexer>(_ => Connection)
                    .AddStreamRecClient()
                    .AddStreamRecPublisher(),
            ("StreamRec:Publisher:Topic", "clicks"),
            ("StreamRec:Publisher:Kafka:bootstrap.servers", broker.Address)
        );

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            services.GetRequiredService<IEventPublisher>().PublishAsync(s_click)
        );

        Assert.Contains("set the publisher's partitioner to crc32", fault.Message);
    }

    private static ServiceProvider Publisher(string bootstrap, string worker) =>
        Services(
            services =>
                services
                    .AddSingleton<IPartitionerSource>(new Worker(EventPartitioners.Parse(worker)))
                    .AddStreamRecPublisher()
                    .AddHealthChecks()
                    .AddStreamRecPublisher(),
            ("StreamRec:Publisher:Topic", "clicks"),
            ("StreamRec:Publisher:Kafka:bootstrap.servers", bootstrap)
        );

    private static async Task<HealthStatus> HealthAsync(IServiceProvider services, string check)
    {
        var report = await services
            .GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(registration => registration.Name == check);
        return Assert.Single(report.Entries).Value.Status;
    }

    private static ServiceProvider Services(
        Action<IServiceCollection> register,
        params (string Key, string Value)[] settings
    )
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
                .Build()
        );
        register(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    private sealed class Worker(EventPartitioner? partitioner) : IPartitionerSource
    {
        public Task<EventPartitioner?> PartitionerAsync(string topic, CancellationToken cancel = default) =>
            Task.FromResult(partitioner);
    }
}
