using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Redis.Connection;
using StreamRec.Registry;
using StreamRec.Registry.Pointers;
using StreamRec.Testing.Servers;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Registry;

/// <summary>What a promotion does where not all goes well: nobody is left with lists of two models unsaid.</summary>
public sealed class PromoterTests : OnEmbeddedStore
{
    private static readonly string s_bundle = new('1', 64);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private static readonly WorkerReport s_ready = new()
    {
        Id = "w",
        Host = "h",
        Pid = 7,
        Topic = "clicks",
        Group = "g",
        Partitions = 2,
        Promotion = 1,
        Loaded = [s_bundle],
    };

    [Fact]
    public async Task Partitions_that_are_worked_with_a_bundle_given_by_hand_are_not_sealed_unless_told_to()
    {
        await Redis.HashSetAsync(Meta(1), [new("claim", 5), new("next", 3), new("partitions", 2)]);

        var refused = await Assert.ThrowsAsync<StreamRecException>(() => PromoteAsync());

        Assert.Contains("Partitions 1 of topic 'clicks'", refused.Message);
        Assert.Contains("--force", refused.Message);
        Assert.Null((await Pointer.ReadAsync(default)).Live);
        Assert.Equal(1, (await PromoteAsync(force: true)).Sealed);
    }

    [Fact]
    public async Task Partitions_whose_workers_wait_for_a_first_promotion_are_sealed()
    {
        await Redis.HashSetAsync(Meta(1), [new("claim", 5), new("next", 3), new("partitions", 2)]);
        await SayAsync(s_ready with { Promotion = 0, Partitions = 0, Loaded = [] });

        Assert.Equal(1, (await PromoteAsync()).Sealed);
    }

    [Theory]
    [InlineData(Kinds.Promote)]
    [InlineData(Kinds.Rollback)]
    public async Task Who_could_not_seal_is_told_to_promote_the_same_bundle_also_after_a_rollback(string kind)
    {
        await SayAsync(s_ready with { Promotion = long.MaxValue });
        await Redis.StringSetAsync(Meta(1), "no hash");

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => PromoteAsync(kind: kind));

        await AssertTellsAsync(fault);
        Assert.Contains("Partition 1", fault.Message);
    }

    [Fact]
    public async Task Who_stops_a_promotion_behind_the_pointer_is_told_what_is_left_to_do()
    {
        await SayAsync(s_ready);
        using var stop = new CancellationTokenSource();
        var promoting = PromoteAsync(cancel: stop.Token);
        await LiveAsync();

        await stop.CancelAsync();

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => promoting);
        await AssertTellsAsync(fault);
        Assert.IsAssignableFrom<OperationCanceledException>(fault.InnerException);
    }

    [Fact]
    public async Task Nothing_is_sealed_where_a_worker_refuses_what_it_had_ready()
    {
        await SayAsync(s_ready);
        var promoting = PromoteAsync();
        await LiveAsync();

        await SayAsync(s_ready with { Loaded = [], Asked = s_bundle, State = WorkerReport.Refused, Reason = "why" });

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => promoting);
        Assert.Contains("h/7 refused it: why", fault.Message);
        Assert.False(await Redis.KeyExistsAsync(Meta(0)));
    }

    [Fact]
    public async Task A_worker_that_ends_before_it_has_gone_over_has_not_followed()
    {
        await SayAsync(s_ready);
        var promoting = PromoteAsync();
        await LiveAsync();

        await Redis.KeyDeleteAsync(new ModelKeys("p").Worker(s_ready.Id));

        var done = await promoting;
        Assert.Equal(0, done.Followed);
        Assert.Empty(done.Behind);
        Assert.Equal("h/7", Assert.Single(done.Gone).Name);
    }

    private ModelPointer Pointer => new(Redis, new("p"), new RedisSettings(Server.Address));

    private static RedisKey Meta(int partition) => new StreamRec.Redis.StoreKeys("p").Meta("clicks", partition);

    // For as long as the test lasts.
    private async Task SayAsync(WorkerReport report)
    {
        await Redis.StringSetAsync(new ModelKeys("p").Worker(report.Id), report.ToJson());
        await Redis.HashSetAsync(new ModelKeys("p").Workers, report.Id, 0);
    }

    private async Task<LivePointer> LiveAsync()
    {
        LivePointer? live = null;
        await Wait.UntilAsync(
            "the pointer is set",
            async () => (live = (await Pointer.ReadAsync(default)).Live) is not null,
            s_limit
        );
        return live!;
    }

    private async Task AssertTellsAsync(StreamRecException fault)
    {
        var live = (await Pointer.ReadAsync(default)).Live!;
        Assert.StartsWith(
            $"promotion {live.Promotion} of {s_bundle} is set, and not every partition is sealed: run `streamrec "
                + $"models promote {s_bundle}",
            fault.Message
        );
    }

    private Task<Promotion> PromoteAsync(
        bool force = false,
        string kind = Kinds.Promote,
        CancellationToken cancel = default
    )
    {
        var server = new RedisSettings(Server.Address);
        var reports = new WorkerReports(Redis, new("p"), server);
        var promoter = new Promoter(Redis, "p", server, "clicks", Pointer, reports, TimeProvider.System);
        return promoter.RunAsync((s_bundle, "m"), null, ("me", "", kind), force, cancel);
    }
}
