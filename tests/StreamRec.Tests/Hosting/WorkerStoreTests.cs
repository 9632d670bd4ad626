using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Hosting;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Testing.Servers;

namespace StreamRec.Tests.Hosting;

/// <summary>The real worker and its store, on embedded servers.</summary>
public sealed class WorkerStoreTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-store-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly EmbeddedStore _store = EmbeddedStore.Start();

    public void Dispose()
    {
        _store.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_state_outlives_an_idle_user_and_not_much_more()
    {
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _broker.Address, Partitioner = Partitioner.Murmur2Random }
        ).Build();
        await producer.ProduceAsync(
            "clicks",
            new Message<string, string>
            {
                Key = "u",
                Value = """{"event_id":"e","user_id":"u","item_id":"a","ts":1767225600250}""",
                Timestamp = new Timestamp(1767225600250, TimestampType.CreateTime),
            }
        );
        using var host = Host(options => (options.UntilEnd, options.IdleExpiry) = (true, TimeSpan.FromDays(10)));
        var fault = WorkHost.FaultOf(host);
        await host.RunAsync();
        fault();

        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{_store.Address},asyncTimeout=60000");
        var list = PublishedList.Parse((byte[])(await redis.GetDatabase().StringGetAsync("streamrec:list:u"))!);
        Assert.Equal(
            "ListSize=100 ExcludeSeen=true Kept=99 IdleExpiry=864000 MaxAhead=3600 Partitioner=murmur2 Types=(all)",
            (string?)await redis.GetDatabase().StringGetAsync($"streamrec:options:{list.Options}")
        );
        var keys = redis.GetServer(_store.Address).KeysAsync(pattern: "streamrec:state:*:u");
        var state = Assert.Single(await keys.ToListAsync());
        Assert.InRange(
            (await redis.GetDatabase().KeyTimeToLiveAsync(state))!.Value,
            TimeSpan.FromDays(10),
            TimeSpan.FromDays(12)
        );
    }

    /// <summary>Else it would go on with states that are neither worker's.</summary>
    [Fact]
    public async Task A_worker_under_other_settings_halts_and_says_both()
    {
        async Task<StreamRecException?> WorkAsync(Action<WorkOptions> change)
        {
            using var host = Host(options =>
            {
                options.UntilEnd = true;
                change(options);
            });
            var fault = WorkHost.FaultOf(host);
            await host.RunAsync();
            return Record.Exception(fault) as StreamRecException;
        }
        Assert.Null(await WorkAsync(_ => { }));

        var fault = await WorkAsync(options => (options.Kept, options.Types) = (120, "view,click"));
        Assert.Equal(FaultKind.Halted, fault?.Kind);
        Assert.Contains("(OtherSettings)", fault!.Message);
        Assert.Contains("Kept=99 ", fault.Message);
        Assert.Contains("Types=(all))", fault.Message);
        Assert.Contains("Kept=120 ", fault.Message);
        Assert.Contains("Types=click,view)", fault.Message);

        Assert.Null(await WorkAsync(options => (options.Kept, options.ListSize) = (99, 7)));
    }

    /// <summary>
    /// Behind a new connection may be an older store: every partition asks at once where it stands, whatever the clock
    /// says.
    /// </summary>
    [Fact]
    public async Task A_connection_made_anew_is_told_to_every_partition()
    {
        using var host = Host(_ => { });
        using var worker = ActivatorUtilities.CreateInstance<RecommendationService>(host.Services, new FrozenTime());
        await worker.StartAsync(default);
        await Wait.UntilAsync(
            "all partitions are claimed",
            () => worker.Workers.Count > 0 && worker.Workers.All(w => w.Counters.Claims == 1),
            s_limit,
            () => $"{worker.Fault}"
        );
        Assert.All(worker.Workers, partition => Assert.Equal(0, partition.Counters.IdleChecks));

        await using (var other = await ConnectionMultiplexer.ConnectAsync($"{_store.Address},allowAdmin=true"))
        {
            await other.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "YES");
        }
        await Wait.UntilAsync(
            "all have asked",
            () => worker.Workers.All(w => w.Counters.IdleChecks > 0),
            s_limit,
            () => $"{worker.Fault}"
        );
        await worker.StopAsync(default);
    }

    private IHost Host(Action<WorkOptions> change)
    {
        var options = new WorkOptions
        {
            Bundle = MeanBundle.Write(Path.Combine(_directory.FullName, "model")),
            Topic = "clicks",
            Group = "g",
            Bootstrap = _broker.Address,
            Redis = _store.Address,
            TopicIds = false,
        };
        change(options);
        return WorkHost.Build(
            Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
                new HostApplicationBuilderSettings { DisableDefaults = true }
            ),
            options
        );
    }
}
