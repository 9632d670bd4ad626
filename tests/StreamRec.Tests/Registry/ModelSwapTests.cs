using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Hosting;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Redis.Connection;
using StreamRec.Registry;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Serving.Probes;
using StreamRec.Telemetry.Status;
using StreamRec.Testing.Servers;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Registry;

/// <summary>A worker that runs goes over to what is promoted, and to nothing that it cannot serve.</summary>
public sealed class ModelSwapTests : IAsyncLifetime
{
    private const int Partitions = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-swap-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(Partitions);
    private readonly EmbeddedStore _store = EmbeddedStore.Start();
    private ConnectionMultiplexer _redis = null!;
    private int _clicks;

    public async Task InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(_store.Address);

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        _store.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_worker_goes_over_without_a_restart_and_back_without_a_load()
    {
        var (all, unseen) = (
            await PushAsync(MeanBundle.Write(At("all"), excludeSeen: false)),
            await PushAsync(MeanBundle.Write(At("unseen"), excludeSeen: true, halfLifeMs: 1000))
        );
        using var host = Host();
        var (fault, board) = (WorkHost.FaultOf(host), host.Services.GetRequiredService<StatusBoard>());
        var running = host.RunAsync();
        await Wait.UntilAsync(
            "the worker waits for a promotion",
            () => board.Current.Ready.Any(condition => condition.Why?.Contains("nothing is promoted") == true),
            s_limit
        );

        var first = await PromoteAsync(all);
        Assert.Equal((0, 0), (first.Followed, first.Sealed));
        await ListedAsync(all, first.Live.Promotion, "c", "b", "a");
        await PopularAsync(all, "a");

        await Assert.ThrowsAsync<StreamRecException>(() => PromoteAsync(unseen));
        await StagedAsync(unseen, WorkerReport.Ready);
        var second = await PromoteAsync(unseen);
        Assert.Equal((1, Partitions), (second.Followed, second.Sealed));
        Assert.Empty(second.Behind);
        await ListedAsync(unseen, second.Live.Promotion, "c", "b");
        await PopularAsync(unseen, "b");
        await Wait.UntilAsync("the status says so", () => board.Current.Models!.Swaps == 1, s_limit);
        Assert.Equal((2, 0), (board.Current.Models!.Made, board.Current.Models.Ended));

        var back = await PromoteAsync(all, Kinds.Rollback);
        await ListedAsync(all, back.Live.Promotion, "c", "b", "a");
        await PopularAsync(all, "a");
        await Wait.UntilAsync("the status says so", () => board.Current.Models!.Swaps == 2, s_limit);
        Assert.Equal((2, 0), (board.Current.Models!.Made, board.Current.Models.Ended));
        Assert.Equal(all.ModelId, board.Current.Model!.Id);

        await host.StopAsync();
        await running;
        fault();
    }

    [Fact]
    public async Task What_cannot_be_served_is_refused_by_its_reason_and_what_is_live_serves_on()
    {
        var good = await PushAsync(MeanBundle.Write(At("good"), excludeSeen: false));
        await PromoteAsync(good);
        using var host = Host(keepPrevious: TimeSpan.Zero);
        var (fault, board) = (WorkHost.FaultOf(host), host.Services.GetRequiredService<StatusBoard>());
        var running = host.RunAsync();
        await ListedAsync(good, null, "c", "b", "a");

        var broken = Planted("no number");
        await StagedAsync(broken, WorkerReport.Refused);
        var report = Assert.Single(await Reports().ReadAsync(default));
        Assert.Contains("vectors.f32", report.Reason);
        Assert.Contains("not finite", report.Reason);
        var refused = await Assert.ThrowsAsync<StreamRecException>(() => PromoteAsync(broken));
        Assert.Contains("not finite", refused.Message);

        // The pointer's shard lost it, and one bundle more is promoted twice, the second time while it is live.
        await _redis.GetDatabase().KeyDeleteAsync(new ModelKeys("p").Live);
        await Wait.UntilAsync(
            "it is written back",
            async () => (await Pointer().ReadAsync(default)).Live is not null,
            s_limit
        );
        var other = await PushAsync(MeanBundle.Write(At("other"), excludeSeen: true, halfLifeMs: 1000));
        await StagedAsync(other, WorkerReport.Ready);
        await PromoteAsync(other);
        var again = await PromoteAsync(other);
        await ListedAsync(other, again.Live.Promotion, "c", "b");
        await Wait.UntilAsync(
            "all but one model is given back",
            () => board.Current.Models is { Loaded: 1 } models && models.Made == models.Ended + 1,
            s_limit
        );

        await host.StopAsync();
        await running;
        fault();
    }

    private IHost Host(TimeSpan? keepPrevious = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true }
        );
        return WorkHost.Build(
            builder,
            new WorkOptions
            {
                Registry = At("registry"),
                RegistryCache = At("cache"),
                KeepPrevious = keepPrevious ?? TimeSpan.FromMinutes(10),
                Topic = "clicks",
                Group = "g",
                Prefix = "p",
                Bootstrap = _broker.Address,
                Redis = _store.Address,
                TopicIds = false,
            }
        );
    }

    // Clicks on a, until the list is of this bundle.
    private async Task ListedAsync(RegisteredBundle bundle, long? promotion, params string[] items)
    {
        var toBroker = new ProducerConfig
        {
            BootstrapServers = _broker.Address,
            Partitioner = Partitioner.Murmur2Random,
        };
        using var producer = new ProducerBuilder<string, string>(toBroker).Build();
        await using var reader = new ListReader(
            _redis,
            new ListReaderOptions { Prefix = "p", ReadTimeout = TimeSpan.FromMinutes(1) }
        );
        // One user for each look: who is shown a list of before has one of before.
        var user = $"u{_clicks++}";
        var click = $"{{\"event_id\":\"e\",\"user_id\":\"{user}\",\"item_id\":\"a\",\"ts\":1767225600250}}";
        await producer.ProduceAsync("clicks", new Message<string, string> { Key = user, Value = click });
        ListResult? read = null;
        await Wait.UntilAsync(
            "the user has a list",
            async () => (read = await reader.ReadAsync(user)).Source == ListSource.Own,
            s_limit,
            () => $"{read}"
        );
        var list = read!.List!;
        Assert.Equal(bundle.ModelId, list.Model);
        Assert.Equal(items, list.Items);
        Assert.True(promotion is null || promotion == list.Through!.Value.Promotion);
    }

    private async Task PopularAsync(RegisteredBundle bundle, string first)
    {
        PublishedList? list = null;
        await Wait.UntilAsync(
            "the popular list is of the model",
            async () =>
            {
                list = PublishedList.Parse((byte[])(await _redis.GetDatabase().StringGetAsync("p:popular"))!);
                return list.Model == bundle.ModelId;
            },
            s_limit,
            () => list?.ToJson() ?? ""
        );
        Assert.Equal(first, list!.Items[0]);
    }

    private async Task StagedAsync(RegisteredBundle bundle, string state)
    {
        await Pointer().StageAsync(bundle.Digest, bundle.ModelId, "me", default);
        IReadOnlyList<WorkerReport> reports = [];
        await Wait.UntilAsync(
            $"the worker says {state}",
            async () =>
                (reports = await Reports().ReadAsync(default)).Any(worker =>
                    worker.Asked == bundle.Digest && worker.State == state
                ),
            s_limit,
            () => string.Join('\n', reports.Select(worker => worker.ToJson()))
        );
    }

    private async Task<Promotion> PromoteAsync(RegisteredBundle bundle, string kind = Kinds.Promote)
    {
        var promoter = new Promoter(
            _redis.GetDatabase(),
            "p",
            new RedisSettings(_store.Address),
            "clicks",
            Pointer(),
            Reports(),
            TimeProvider.System
        );
        var live = (await Pointer().ReadAsync(default)).Live;
        return await promoter.RunAsync((bundle.Digest, bundle.ModelId), live, ("me", "", kind), false, default);
    }

    private async Task<RegisteredBundle> PushAsync(string directory)
    {
        using var loaded = new ModelLoader(new WorkOptions()).LoadTried(directory, long.MaxValue);
        var registry = new BundleRegistry(new DirectoryStore(At("registry")));
        var (digest, _) = await registry.PushAsync(directory, loaded.Manifest, ProbeRun.Make(loaded.Model), default);
        return await registry.FindAsync(digest, default);
    }

    // Past `push`, which would refuse it.
    private RegisteredBundle Planted(string kind)
    {
        var directory = MeanBundle.Write(At("broken"), types: "view");
        BrokenBundles.Break(kind, directory);
        var json = File.ReadAllBytes(Path.Combine(directory, BundleFiles.Manifest));
        var digest = BundleDigest.Of(json);
        Directory.Move(directory, At($"registry/sha256/{digest}"));
        return new(new(digest, DateTimeOffset.UnixEpoch, 0), Bundle.ParseManifest(json, BundleFiles.Manifest));
    }

    private ModelPointer Pointer() => new(_redis.GetDatabase(), new("p"), new RedisSettings(_store.Address));

    private WorkerReports Reports() => new(_redis.GetDatabase(), new("p"), new RedisSettings(_store.Address));

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
