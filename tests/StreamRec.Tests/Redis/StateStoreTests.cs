using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Embedded;
using StreamRec.Redis;
using StreamRec.Redis.Store;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Redis;

public sealed class StateStoreTests : OnEmbeddedStore
{
    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid-1", 4, "group");
    private static readonly LogPosition s_first = new(0, -1);

    private RedisStateStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new RedisStateStore(Redis, "test", TimeSpan.FromHours(1), new HashedText("any"));
    }

    [Fact]
    public async Task A_claim_without_meta_must_say_that_it_is_the_first()
    {
        Assert.IsType<ClaimAnswer.NoMeta>(await ClaimAsync(firstStart: null));

        var granted = Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(new LogPosition(7, 3)));

        Assert.Equal(new LogPosition(7, 3), granted.Next);
    }

    [Fact]
    public async Task A_later_claim_is_greater_and_keeps_the_next_offset()
    {
        var first = await GrantedAsync();
        await _store.StepAsync(s_partition, first, default, new LogPosition(5, 2), [], default);

        var second = Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(s_first));

        Assert.True(second.Claim.Number > first.Number);
        Assert.Equal(new LogPosition(5, 2), second.Next);
    }

    [Theory]
    [InlineData(MetaField.Group, "other", "uuid-1", 4)]
    [InlineData(MetaField.TopicId, "group", "uuid-2", 4)]
    [InlineData(MetaField.Partitions, "group", "uuid-1", 8)]
    public async Task A_claim_that_does_not_match_is_refused(MetaField field, string group, string uuid, int partitions)
    {
        await GrantedAsync();
        var other = s_partition with { Group = group, TopicUuid = uuid, PartitionCount = partitions };

        var answer = await _store.ClaimAsync(other, Guid.NewGuid(), s_first, promotion: 0, default);

        Assert.Equal(field, Assert.IsType<ClaimAnswer.Mismatch>(answer).Field);
    }

    [Fact]
    public async Task A_claim_under_other_settings_is_refused_and_says_what_both_are()
    {
        await GrantedAsync();
        var database = Redis;
        await database.StringSetAsync(new StoreKeys("test").Settings(new HashedText("any").Hash), "any");

        var answer = await Under("other").ClaimAsync(s_partition, Guid.NewGuid(), s_first, promotion: 0, default);

        Assert.Equal(new ClaimAnswer.Mismatch(MetaField.Settings, "any", "other"), answer);
    }

    /// <summary>A worker of before neither writes nor reads the field.</summary>
    [Fact]
    public async Task Meta_without_settings_takes_those_of_the_next_claim()
    {
        await GrantedAsync();
        await Redis.HashDeleteAsync(new StoreKeys("test").Meta(s_partition), "settings");

        Assert.IsType<ClaimAnswer.Granted>(
            await Under("other").ClaimAsync(s_partition, Guid.NewGuid(), s_first, promotion: 0, default)
        );

        Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(s_first));
    }

    [Fact]
    public async Task A_step_writes_states_lists_and_the_next_offset()
    {
        var claim = await GrantedAsync();

        var answer = await StepAsync(claim, 0, 3, "u1", "state", "list");

        Assert.IsType<StepAnswer.Applied>(answer);
        var read = await _store.ReadAsync(s_partition, ["u1", "u2"], default);
        Assert.Equal(new StorePlace(3, 1), read.At);
        Assert.Equal("state", System.Text.Encoding.UTF8.GetString(read.States[0]!));
        Assert.Null(read.States[1]);
        Assert.Equal("list", (string?)await Redis.StringGetAsync("test:list:u1"));
    }

    [Fact]
    public async Task A_state_is_kept_as_long_as_was_asked_for()
    {
        var store = new RedisStateStore(Redis, "test", TimeSpan.FromDays(40), new HashedText("any"));
        var claim = await GrantedAsync();

        await store.StepAsync(
            s_partition,
            claim,
            default,
            new LogPosition(1, 0),
            [new UserWrite("u1", "s"u8.ToArray(), "l"u8.ToArray(), new(0, 0))],
            default
        );

        var database = Redis;
        Assert.InRange(
            (await database.KeyTimeToLiveAsync(new StoreKeys("test").State(s_partition, "u1")))!.Value,
            TimeSpan.FromDays(39),
            TimeSpan.FromDays(40)
        );
        Assert.Null(await database.KeyTimeToLiveAsync("test:list:u1"));
        Assert.Null(await database.KeyTimeToLiveAsync(new StoreKeys("test").Meta(s_partition)));
    }

    [Fact]
    public async Task An_empty_list_leaves_the_one_that_is_there()
    {
        var claim = await GrantedAsync();
        await StepAsync(claim, 0, 1, "u1", "state", "list");

        await StepAsync(claim, 1, 2, "u1", "state", "");

        Assert.Equal("list", (string?)await Redis.StringGetAsync("test:list:u1"));
    }

    [Fact]
    public async Task An_older_claim_is_fenced_and_writes_nothing()
    {
        var old = await GrantedAsync();
        var current = await GrantedAsync();
        await StepAsync(current, 0, 1, "u1", "new", "new");

        var answer = await StepAsync(old, 1, 2, "u1", "old", "old");

        Assert.IsType<StepAnswer.Fenced>(answer);
        var read = await _store.ReadAsync(s_partition, ["u1"], default);
        Assert.Equal((1, "new"), (read.At.Offset, System.Text.Encoding.UTF8.GetString(read.States[0]!)));
    }

    [Fact]
    public async Task A_step_from_another_offset_is_a_conflict_that_names_the_next_one()
    {
        var claim = await GrantedAsync();
        await StepAsync(claim, 0, 4, "u1", "state", "list");

        var answer = await StepAsync(claim, 0, 4, "u1", "again", "again");

        Assert.Equal(new StorePlace(4, 1), Assert.IsType<StepAnswer.Conflict>(answer).At);
        var read = await _store.ReadAsync(s_partition, ["u1"], default);
        Assert.Equal("state", System.Text.Encoding.UTF8.GetString(read.States[0]!));
    }

    /// <summary>What it wrote at first would undo what came after it, and n alone does not tell.</summary>
    [Fact]
    public async Task Of_two_steps_that_leave_n_the_one_that_comes_late_is_refused()
    {
        var claim = await GrantedAsync();
        await StepAsync(claim, 0, 4, "u1", "state", "list");
        Assert.Equal(new StepAnswer.Applied(2), await StepAsync(claim, 4, 4, "u1", "renewed", "list", seq: 1));
        Assert.Equal(new StepAnswer.Applied(3), await StepAsync(claim, 4, 4, "u1", "forgotten", "list", seq: 2));

        var late = await StepAsync(claim, 4, 4, "u1", "renewed", "list", seq: 1);

        Assert.Equal(new StepAnswer.Conflict(new StorePlace(4, 3)), late);
        var read = await _store.ReadAsync(s_partition, ["u1"], default);
        Assert.Equal("forgotten", System.Text.Encoding.UTF8.GetString(read.States[0]!));
    }

    [Fact]
    public async Task An_idle_check_sees_where_the_store_is_and_changes_nothing()
    {
        var claim = await GrantedAsync();
        await StepAsync(claim, 0, 4, "u1", "state", "list");
        Task<StepAnswer> CheckAsync(StorePlace at) =>
            _store.StepAsync(s_partition, claim, at, new LogPosition(at.Offset, 0), [], default);

        Assert.Equal(new StepAnswer.Applied(1), await CheckAsync(new StorePlace(4, 1)));
        Assert.Equal(new StepAnswer.Applied(1), await CheckAsync(new StorePlace(4, 1)));
        Assert.Equal(new StepAnswer.Conflict(new StorePlace(4, 1)), await CheckAsync(new StorePlace(4, 2)));
    }

    /// <summary>A worker of before moves n and leaves the field as it is, or absent.</summary>
    [Fact]
    public async Task Meta_without_seq_counts_from_0()
    {
        var claim = await GrantedAsync();
        await StepAsync(claim, 0, 4, "u1", "state", "list");
        var meta = new StoreKeys("test").Meta(s_partition);
        await Redis.HashDeleteAsync(meta, "seq");
        await Redis.HashSetAsync(meta, "next", 9);

        var granted = Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(null));

        Assert.Equal((9, 0), (granted.Next.Offset, granted.Seq));
        Assert.Equal(
            new StepAnswer.Applied(1),
            await StepAsync(granted.Claim, 9, 10, "u1", "newer", "list", seq: granted.Seq)
        );
    }

    private Task<ClaimAnswer> ClaimAsync(LogPosition? firstStart) =>
        _store.ClaimAsync(s_partition, Guid.NewGuid(), firstStart, promotion: 0, default);

    private RedisStateStore Under(string settings) =>
        new(Redis, "test", TimeSpan.FromHours(1), new HashedText(settings));

    private async Task<Claim> GrantedAsync() => ((ClaimAnswer.Granted)await ClaimAsync(s_first)).Claim;

    private Task<StepAnswer> StepAsync(
        Claim claim,
        long from,
        long to,
        string user,
        string state,
        string list,
        long? seq = null
    ) =>
        _store.StepAsync(
            s_partition,
            claim,
            new StorePlace(from, seq ?? (from > 0 ? 1 : 0)),
            new LogPosition(to, 0),
            [
                new UserWrite(
                    user,
                    System.Text.Encoding.UTF8.GetBytes(state),
                    System.Text.Encoding.UTF8.GetBytes(list),
                    new(0, to - 1)
                ),
            ],
            default
        );
}
