using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>The store's calls, one by one, on a real Redis Cluster.</summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterStoreTests(RedisCluster cluster) : IAsyncLifetime
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly string _prefix = $"t{Guid.NewGuid():N}";
    private readonly PartitionIdentity _partition = new("clicks", 0, "uuid", 4, "group");
    private ConnectionMultiplexer _states = null!;
    private ConnectionMultiplexer _publishing = null!;
    private RedisStateStore _store = null!;
    private ClusterLists _lists = null!;

    public async Task InitializeAsync()
    {
        if (RedisCluster.WhyNot is not null)
        {
            return;
        }
        _states = await RedisConnection.ConnectAsync(new RedisSettings(cluster.Address));
        _publishing = await RedisConnection.ConnectAsync(new RedisSettings(cluster.Address), failFast: true);
        _lists = new ClusterLists(_states.GetDatabase(), _publishing, _prefix, 1, s_timeout);
        _store = new RedisStateStore(
            _states.GetDatabase(),
            _prefix,
            TimeSpan.FromHours(1),
            new HashedText("any"),
            _lists
        );
    }

    public async Task DisposeAsync()
    {
        if (RedisCluster.WhyNot is null)
        {
            await _states.DisposeAsync();
            await _publishing.DisposeAsync();
        }
    }

    [ClusterFact]
    public void Is_known_for_a_cluster() => Assert.True(RedisConnection.IsCluster(_states));

    [ClusterFact]
    public async Task A_step_makes_users_dirty_until_their_lists_are_safe()
    {
        var claim = await ClaimAsync();
        var writes = Users(40, offset: 7);

        Assert.IsType<StepAnswer.Applied>(
            await _store.StepAsync(_partition, claim, default, new(8, 0), writes, default)
        );
        var dirty = await _lists.ReadDirtyAsync(_partition, 100, default);
        Assert.Equal(8, dirty.At.Offset);
        Assert.Equal(writes.Select(w => new DirtyUser(w.UserId, w.Version)).ToHashSet(), dirty.Users.ToHashSet());
        Assert.All(
            dirty.States.Zip(dirty.Users),
            pair => Assert.Equal($"state of {pair.Second.UserId}", System.Text.Encoding.UTF8.GetString(pair.First!))
        );

        await PublishAsync(claim, 0, writes);
        Assert.Equal(
            ClearAnswer.Cleared,
            await _lists.ClearDirtyAsync(_partition, claim, promotion: 0, dirty.Users, default)
        );
        Assert.Empty((await _lists.ReadDirtyAsync(_partition, 100, default)).Users);
        foreach (var write in writes)
        {
            Assert.Equal(System.Text.Encoding.UTF8.GetString(write.List.Span), (string?)await ListAsync(write.UserId));
        }
    }

    [ClusterFact]
    public async Task A_user_that_changed_meanwhile_stays_dirty()
    {
        var claim = await ClaimAsync();
        await _store.StepAsync(_partition, claim, default, new(1, 0), [List("u", 0, 0, claim)], default);
        await _store.StepAsync(_partition, claim, new(1, 1), new(2, 0), [List("u", 0, 1, claim)], default);

        Assert.Equal(
            ClearAnswer.Cleared,
            await _lists.ClearDirtyAsync(_partition, claim, promotion: 0, [new("u", new(0, 0))], default)
        );
        Assert.Equal([new DirtyUser("u", new(0, 1))], (await _lists.ReadDirtyAsync(_partition, 9, default)).Users);
    }

    [ClusterFact]
    public async Task An_older_claim_clears_nothing()
    {
        var old = await ClaimAsync();
        await _store.StepAsync(_partition, old, default, new(1, 0), [List("u", 0, 0, old)], default);
        await ClaimAsync();

        Assert.Equal(
            ClearAnswer.Fenced,
            await _lists.ClearDirtyAsync(_partition, old, promotion: 0, [new("u", new(0, 0))], default)
        );
        Assert.Single((await _lists.ReadDirtyAsync(_partition, 9, default)).Users);
    }

    /// <summary>Generation, epoch, offset and claim of a list, and of one that comes after it.</summary>
    [ClusterTheory]
    [InlineData(0, 1, 10, 5, 0, 1, 10, 5, true)]
    [InlineData(0, 1, 10, 5, 0, 1, 11, 5, true)]
    [InlineData(0, 1, 10, 5, 0, 1, 9, 6, false)]
    [InlineData(0, 1, 10, 5, 0, 1, 10, 6, true)]
    [InlineData(0, 1, 10, 5, 0, 1, 10, 4, false)]
    [InlineData(0, 1, 10, 5, 0, 0, 99, 9, false)]
    [InlineData(0, 1, 10, 5, 0, 2, 3, 4, true)]
    [InlineData(0, 1, 10, 5, 1, 0, 1, 1, true)]
    [InlineData(1, 1, 10, 5, 0, 9, 99, 99, false)]
    [InlineData(0, -1, 10, 5, 0, 0, 10, 5, true)]
    [InlineData(
        0,
        0,
        9_007_199_254_740_992,
        1_800_000_000_000_001,
        0,
        0,
        9_007_199_254_740_991,
        1_800_000_000_000_002,
        false
    )]
    public async Task A_newer_list_replaces_an_older_one_and_never_the_other_way(
        int generation,
        int epoch,
        long offset,
        long claim,
        int generation2,
        int epoch2,
        long offset2,
        long claim2,
        bool replaced
    )
    {
        var (first, second) = (new Claim(claim, Guid.NewGuid()), new Claim(claim2, Guid.NewGuid()));
        var (one, two) = (List("u", epoch, offset, first, generation), List("u", epoch2, offset2, second, generation2));

        await PublishAsync(first, generation, [one]);
        await PublishAsync(second, generation2, [two]);

        Assert.Equal(replaced, _lists.Superseded == 0);
        var expected = replaced ? two : one;
        Assert.Equal(System.Text.Encoding.UTF8.GetString(expected.List.Span), (string?)await ListAsync("u"));
    }

    /// <summary>Promotion and claim of a list, and of one of the same record that comes after it.</summary>
    [ClusterTheory]
    [InlineData(7, 5, 7, 5, true)]
    [InlineData(7, 5, 8, 5, true)]
    [InlineData(8, 5, 7, 5, false)]
    [InlineData(8, 5, 7, 6, false)]
    [InlineData(0, 5, 7, 4, true)]
    [InlineData(7, 5, 0, 6, false)]
    public async Task Of_lists_of_one_record_that_of_the_later_promotion_holds(
        long promotion,
        long claim,
        long promotion2,
        long claim2,
        bool replaced
    )
    {
        var (first, second) = (new Claim(claim, Guid.NewGuid()), new Claim(claim2, Guid.NewGuid()));
        var one = List("u", 1, 10, first, promotion: promotion);
        var two = List("u", 1, 10, second, promotion: promotion2);

        await PublishAsync(first, 0, [one]);
        await PublishAsync(second, 0, [two]);

        var expected = replaced ? two : one;
        Assert.Equal(System.Text.Encoding.UTF8.GetString(expected.List.Span), (string?)await ListAsync("u"));
    }

    /// <summary>A list laid out by another writer, and something that is no list.</summary>
    [ClusterTheory]
    [InlineData("""{ "through" : { "claim": 5, "offset": 10, "epoch": 1, "generation": 0 } }""", false)]
    [InlineData(
        """{ "items": ["\"through\":{"], "through" : { "claim": 5, "offset": 8, "epoch": 1, "generation": 0 } }""",
        true
    )]
    [InlineData("no list at all", true)]
    public async Task Lists_of_another_layout_are_read_as_JSON(string there, bool replaced)
    {
        await _states.GetDatabase().StringSetAsync(new StoreKeys(_prefix).List("u"), there);
        var claim = new Claim(9, Guid.NewGuid());
        var list = List("u", 1, 9, claim);

        await PublishAsync(claim, 0, [list]);

        Assert.Equal(
            replaced ? System.Text.Encoding.UTF8.GetString(list.List.Span) : there,
            (string?)await ListAsync("u")
        );
    }

    // As the worker does: a replica that was busy for longer than a list waits for it leaves the list unsafe, and it is
    // published again.
    private Task PublishAsync(Claim claim, int generation, UserWrite[] lists) =>
        Wait.UntilAsync(
            "the lists are safe",
            async () => (await _lists.PublishAsync(_partition, claim, generation, lists, default)).All(safe => safe),
            s_limit
        );

    private Task<RedisValue> ListAsync(string user) =>
        _states.GetDatabase().StringGetAsync(new StoreKeys(_prefix).List(user));

    private async Task<Claim> ClaimAsync() =>
        Assert
            .IsType<ClaimAnswer.Granted>(
                await _store.ClaimAsync(_partition, Guid.NewGuid(), new LogPosition(0, -1), promotion: 0, default)
            )
            .Claim;

    private UserWrite[] Users(int count, long offset) =>
        [.. Enumerable.Range(0, count).Select(i => List($"user-{i}", 0, offset, new(1, Guid.Empty)))];

    private static UserWrite List(
        string user,
        int epoch,
        long offset,
        Claim claim,
        int generation = 0,
        long promotion = 0
    ) =>
        new(
            user,
            System.Text.Encoding.UTF8.GetBytes($"state of {user}"),
            System.Text.Encoding.UTF8.GetBytes(
                "{\"items\":[\"a\\\"through\\\":{\"],\"through\":{\"topic_uuid\":\"u\",\"partition\":0,"
                    + $"\"generation\":{generation},\"epoch\":{epoch},\"offset\":{offset},"
                    + (promotion > 0 ? $"\"promotion\":{promotion}," : "")
                    + $"\"claim\":{claim.Number}}}}}"
            ),
            new(epoch, offset)
        )
        {
            Promotion = promotion,
        };
}
