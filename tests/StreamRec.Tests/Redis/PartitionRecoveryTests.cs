using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Embedded;
using StreamRec.Redis;
using StreamRec.Redis.Recovery;
using StreamRec.Redis.Store;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Redis;

public sealed class PartitionRecoveryTests : OnEmbeddedStore
{
    private const string Prefix = "test";
    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid-1", 4, "group");
    private static readonly PartitionIdentity s_other = s_partition with { Partition = 1 };

    private RedisStateStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new RedisStateStore(Redis, Prefix, TimeSpan.FromHours(1), new HashedText("any"));
    }

    [Fact]
    public async Task A_recovery_that_died_keeps_workers_out_until_it_is_repeated()
    {
        var zombie = await WorkedAsync(s_partition);
        await Recovery().BeginAsync(s_partition);

        var refused = Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(s_partition));
        Assert.Equal(HaltReason.RecoveryUnfinished, refused.Reason);
        Assert.IsType<StepAnswer.Fenced>(await StepAsync(s_partition, zombie, 3, 4));

        var again = Recovery();
        await again.BeginAsync(s_partition);
        await again.EndAsync(s_partition, new LogPosition(1, -1));

        Assert.Equal(1, Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(s_partition)).Next.Offset);
        Assert.IsType<StepAnswer.Fenced>(await StepAsync(s_partition, zombie, 1, 2));
    }

    [Fact]
    public async Task The_generation_is_raised_and_stays_raised()
    {
        await WorkedAsync(s_partition);
        var recovery = Recovery();
        Assert.Equal(1, await recovery.BeginAsync(s_partition));
        await recovery.EndAsync(s_partition, new LogPosition(0, -1));

        Assert.Equal(1, Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(s_partition)).Generation);
    }

    /// <summary>
    /// Lists outlive meta, and one of an older generation must never stand against those of a rebuilt partition.
    /// </summary>
    [Fact]
    public async Task Without_meta_the_generation_is_above_all_before()
    {
        var recovery = Recovery();
        await recovery.BeginAsync(s_partition);
        await recovery.EndAsync(s_partition, new LogPosition(0, -1));
        var first = Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(s_partition)).Generation;
        Assert.True(first > 1_000_000_000);
        Assert.Equal(first + 1, await Recovery().BeginAsync(s_partition));
    }

    /// <summary>The way out for who wants other settings.</summary>
    [Fact]
    public async Task Settings_are_pinned_anew_after_a_recovery()
    {
        await WorkedAsync(s_partition);
        var other = new RedisStateStore(Redis, Prefix, TimeSpan.FromHours(1), new HashedText("other"));
        var recovery = Recovery();
        await recovery.BeginAsync(s_partition);
        await recovery.EndAsync(s_partition, new LogPosition(3, -1));

        Assert.IsType<ClaimAnswer.Granted>(
            await other.ClaimAsync(s_partition, Guid.NewGuid(), null, promotion: 0, default)
        );
        Assert.Equal(
            HaltReason.OtherSettings,
            Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(s_partition)).Reason
        );
    }

    [Fact]
    public async Task A_damaged_meta_is_rebuilt()
    {
        await WorkedAsync(s_partition);
        var meta = new StoreKeys(Prefix).Meta(s_partition);
        await Redis.HashSetAsync(meta, [new("next", "x"), new("epoch", "y"), new("generation", "z")]);

        var recovery = Recovery();
        await recovery.BeginAsync(s_partition);
        await recovery.EndAsync(s_partition, new LogPosition(2, -1));

        Assert.Equal(2, Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(s_partition)).Next.Offset);
    }

    [Fact]
    public async Task States_of_the_chosen_partitions_go_and_no_others()
    {
        await WorkedAsync(s_partition);
        await WorkedAsync(s_other);

        Assert.Equal(1, await Recovery().DropStatesAsync("clicks", new HashSet<int> { 0 }, lists: false, default));

        Assert.Null((await _store.ReadAsync(s_partition, ["a:b {c}"], default)).States[0]);
        Assert.NotNull((await _store.ReadAsync(s_other, ["a:b {c}"], default)).States[0]);
        Assert.True(await Redis.KeyExistsAsync("test:list:a:b {c}"));
    }

    [Fact]
    public async Task Lists_of_those_users_go_if_asked()
    {
        await WorkedAsync(s_partition);

        await Recovery().DropStatesAsync("clicks", null, lists: true, default);

        Assert.False(await Redis.KeyExistsAsync("test:list:a:b {c}"));
    }

    [Fact]
    public async Task The_recovery_that_was_overtaken_does_not_end()
    {
        var first = Recovery();
        await first.BeginAsync(s_partition);
        await Recovery().BeginAsync(s_partition);

        var fault = await Assert.ThrowsAsync<StreamRecException>(() =>
            first.EndAsync(s_partition, new LogPosition(0, -1))
        );

        Assert.Equal(FaultKind.Halted, fault.Kind);
    }

    [Fact]
    public async Task A_group_takes_over_anothers_states()
    {
        await WorkedAsync(s_partition);
        var renamed = s_partition with { Group = "renamed" };
        Assert.Equal(MetaField.Group, Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(renamed)).Field);

        var recovery = Recovery();
        await recovery.BeginAsync(renamed);
        await recovery.EndAsync(renamed, new LogPosition(3, -1));

        Assert.Equal(3, Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(renamed)).Next.Offset);
        Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(s_partition));
    }

    private PartitionRecovery Recovery() => new(Redis, new StoreKeys(Prefix));

    private Task<ClaimAnswer> ClaimAsync(PartitionIdentity partition) =>
        _store.ClaimAsync(partition, Guid.NewGuid(), null, promotion: 0, default);

    /// <summary>A partition at offset 3 with one user.</summary>
    private async Task<Claim> WorkedAsync(PartitionIdentity partition)
    {
        var claim = (
            (ClaimAnswer.Granted)
                await _store.ClaimAsync(partition, Guid.NewGuid(), new LogPosition(0, -1), promotion: 0, default)
        ).Claim;
        Assert.IsType<StepAnswer.Applied>(await StepAsync(partition, claim, 0, 3));
        return claim;
    }

    private Task<StepAnswer> StepAsync(PartitionIdentity partition, Claim claim, long from, long to) =>
        _store.StepAsync(
            partition,
            claim,
            new StorePlace(from, from > 0 ? 1 : 0),
            new LogPosition(to, -1),
            [new UserWrite("a:b {c}", "state"u8.ToArray(), "list"u8.ToArray(), new(-1, 2))],
            default
        );
}
