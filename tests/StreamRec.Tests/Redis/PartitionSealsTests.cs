using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Embedded;
using StreamRec.Redis;
using StreamRec.Redis.Store;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Redis;

public sealed class PartitionSealsTests : OnEmbeddedStore
{
    private static readonly PartitionIdentity s_partition = new("clicks", 1, "uuid-1", 4, "group");

    private RedisStateStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new RedisStateStore(Redis, "test", TimeSpan.FromHours(1), new HashedText("any"));
    }

    [Fact]
    public async Task No_list_of_an_earlier_promotion_is_written_after_a_seal()
    {
        var claim = await ClaimedAsync(promotion: 4);
        Assert.IsType<StepAnswer.Applied>(await StepAsync(claim, 0, promotion: 4, "old"));

        Assert.Empty(await SealAsync(5));

        Assert.Equal(new StepAnswer.Outdated(5), await StepAsync(claim, 1, promotion: 4, "older"));
        Assert.Equal("old", await ListAsync());
        Assert.Equal(new StepAnswer.Applied(2), await StepAsync(claim, 1, promotion: 5, "new"));
        Assert.Equal("new", await ListAsync());
    }

    [Fact]
    public async Task A_seal_only_raises_the_promotion_and_no_claim_or_step_is_disturbed()
    {
        var claim = await ClaimedAsync(promotion: 4);
        await SealAsync(6);
        await SealAsync(5);

        Assert.Equal(new StepAnswer.Outdated(6), await StepAsync(claim, 0, promotion: 5, "list"));
        Assert.Equal(new StepAnswer.Applied(1), await StepAsync(claim, 0, promotion: 6, "list"));
    }

    [Fact]
    public async Task An_idle_check_tells_the_promotion()
    {
        var claim = await ClaimedAsync(promotion: 4);
        await SealAsync(5);

        Assert.Equal(
            new StepAnswer.Applied(0, Promotion: 5),
            await _store.StepAsync(s_partition, claim, default, default, [], default)
        );
    }

    [Fact]
    public async Task A_batch_without_users_needs_no_promotion()
    {
        var claim = await ClaimedAsync(promotion: 4);
        await SealAsync(5);

        Assert.Equal(
            new StepAnswer.Applied(1),
            await _store.StepAsync(s_partition, claim, default, new LogPosition(3, -1), [], default)
        );
    }

    [Fact]
    public async Task A_claim_of_an_earlier_promotion_changes_nothing()
    {
        var claim = await ClaimedAsync(promotion: 4);
        await SealAsync(5);

        Assert.Equal(new ClaimAnswer.Outdated(5), await ClaimAsync(promotion: 4));
        Assert.Equal(new StepAnswer.Applied(1), await StepAsync(claim, 0, promotion: 5, "list"));
    }

    [Fact]
    public async Task A_claim_seals_for_its_own_promotion()
    {
        await ClaimedAsync(promotion: 5);

        Assert.Equal(new ClaimAnswer.Outdated(5), await ClaimAsync(promotion: 0));
    }

    [Fact]
    public async Task A_partition_that_nobody_claimed_yet_is_sealed_and_still_has_no_meta()
    {
        Assert.Equal([1], await SealAsync(5));

        Assert.IsType<ClaimAnswer.NoMeta>(
            await _store.ClaimAsync(s_partition, Guid.NewGuid(), null, promotion: 5, default)
        );
        Assert.Equal(new ClaimAnswer.Outdated(5), await ClaimAsync(promotion: 4));
        await ClaimedAsync(promotion: 5);
    }

    /// <summary>The newer model knows none of the user's items.</summary>
    [Theory]
    [InlineData(0, 5, null)]
    [InlineData(4, 5, null)]
    [InlineData(5, 5, "stays")]
    [InlineData(0, 0, "stays")]
    public async Task A_list_of_an_earlier_model_goes_where_the_next_one_makes_none(long made, long next, string? left)
    {
        var claim = await ClaimedAsync(next);
        var list = "{\"through\":{\"offset\":1," + (made > 0 ? $"\"promotion\":{made}," : "") + "\"claim\":1}}";
        await Redis.StringSetAsync(new StoreKeys("test").List("u"), list);

        Assert.IsType<StepAnswer.Applied>(await StepAsync(claim, 0, next, ""));

        Assert.Equal(left is null ? null : list, await ListAsync());
    }

    [Fact]
    public async Task A_key_of_another_type_in_place_of_a_list_holds_up_no_step_that_writes_none()
    {
        var claim = await ClaimedAsync(promotion: 5);
        await Redis.ListLeftPushAsync(new StoreKeys("test").List("u"), "no text");

        Assert.Equal(new StepAnswer.Applied(1), await StepAsync(claim, 0, promotion: 5, ""));
    }

    [Fact]
    public async Task A_partition_that_cannot_be_sealed_is_named()
    {
        await Redis.StringSetAsync(new StoreKeys("test").Meta(s_partition), "no hash");

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => SealAsync(5));

        Assert.Contains("Partition 1 of topic 'clicks'", fault.Message);
        Assert.Equal(FaultKind.Unreachable, fault.Kind);
    }

    private Task<IReadOnlyList<int>> SealAsync(long promotion) =>
        new PartitionSeals(Redis, new StoreKeys("test")).SealAsync(
            s_partition.Topic,
            [s_partition.Partition],
            promotion,
            default
        );

    private Task<ClaimAnswer> ClaimAsync(long promotion) =>
        _store.ClaimAsync(s_partition, Guid.NewGuid(), new LogPosition(0, -1), promotion, default);

    private async Task<Claim> ClaimedAsync(long promotion) =>
        Assert.IsType<ClaimAnswer.Granted>(await ClaimAsync(promotion)).Claim;

    private Task<StepAnswer> StepAsync(Claim claim, long at, long promotion, string list) =>
        _store.StepAsync(
            s_partition,
            claim,
            new StorePlace(at, at),
            new LogPosition(at + 1, 0),
            [
                new UserWrite("u", "state"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(list), new(0, at))
                {
                    Promotion = promotion,
                },
            ],
            default
        );

    private async Task<string?> ListAsync() => await Redis.StringGetAsync(new StoreKeys("test").List("u"));
}
