using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Redis.Connection;
using StreamRec.Registry;
using StreamRec.Registry.Commands;
using StreamRec.Registry.Pointers;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Registry;

/// <summary>Which model is live: a number that only grows, and of two operators one.</summary>
public sealed class ModelPointerTests : OnEmbeddedStore
{
    private static readonly string s_one = new('1', 64),
        s_two = new('2', 64);

    [Fact]
    public async Task A_promotion_is_of_what_the_operator_saw()
    {
        var pointer = Pointer();
        Assert.Equal(new PointerState(null, null), await pointer.ReadAsync(default));

        var first = await PromoteAsync(0, s_one);
        var second = await PromoteAsync(first.Promotion, s_two, "because of \"x\"");

        Assert.True(second.Promotion > first.Promotion);
        var lost = await Assert.ThrowsAsync<StreamRecException>(() => PromoteAsync(first.Promotion, s_one));
        Assert.StartsWith($"MOVED: promotion {second.Promotion}", lost.Message);
        Assert.Equal(second, (await pointer.ReadAsync(default)).Live);
        Assert.Equal(
            [(first.Promotion, s_one, ""), (second.Promotion, s_two, "because of \"x\"")],
            (await pointer.HistoryAsync(default)).Select(past => (past.Promotion, past.Digest, past.Why))
        );
    }

    /// <summary>Else a shard that failed over would give one number to two models.</summary>
    [Fact]
    public async Task A_number_is_later_than_every_one_before_also_where_clocks_went_back()
    {
        var first = await PromoteAsync(0, s_one);
        await Redis.HashSetAsync(new ModelKeys("p").Live, "promotion", first.Promotion + 1_000_000_000);

        var next = await PromoteAsync(first.Promotion + 1_000_000_000, s_two);

        Assert.Equal(first.Promotion + 1_000_000_001, next.Promotion);
    }

    [Fact]
    public async Task What_is_staged_is_so_until_it_is_promoted_or_taken_back()
    {
        var pointer = Pointer();
        await pointer.StageAsync(s_two, "two", "me", default);
        var first = await PromoteAsync(0, s_one);
        var staged = (await pointer.ReadAsync(default)).Staged!;
        Assert.Equal((s_two, "two", "me"), (staged.Digest, staged.Model, staged.By));

        await PromoteAsync(first.Promotion, s_two);

        Assert.Null((await pointer.ReadAsync(default)).Staged);
        await pointer.StageAsync(s_one, "one", "me", default);
        Assert.True(await pointer.UnstageAsync(default));
        Assert.False(await pointer.UnstageAsync(default));
        Assert.Null((await pointer.ReadAsync(default)).Staged);
    }

    [Fact]
    public async Task A_promotion_that_the_store_lost_is_written_back_unless_another_is_there()
    {
        var first = await PromoteAsync(0, s_one);
        var second = await PromoteAsync(first.Promotion, s_two);
        await Redis.KeyDeleteAsync(new ModelKeys("p").Live);

        Assert.False(await Pointer().RestoreAsync(first.Promotion, second, default));
        Assert.True(await Pointer().RestoreAsync(0, second, default));

        Assert.Equal(second, (await Pointer().ReadAsync(default)).Live);
    }

    [Fact]
    public async Task Rolling_back_is_to_the_bundle_before_and_not_to_the_promotion_before()
    {
        var first = await PromoteAsync(0, s_one);
        var second = await PromoteAsync(first.Promotion, s_two);
        var again = await PromoteAsync(second.Promotion, s_two);
        var history = await Pointer().HistoryAsync(default);

        Assert.Equal(s_one, ModelsRollbackCommand.Previous(history, again)!.Digest);
        Assert.Null(ModelsRollbackCommand.Previous(history, first));
    }

    [Theory]
    [InlineData("live")]
    [InlineData("staged")]
    [InlineData("history")]
    public async Task What_something_else_wrote_there_is_named_by_its_key(string name)
    {
        var (key, database) = ($"p:{{models}}:{name}", Redis);
        await (
            name == "history"
                ? (Task)database.ListRightPushAsync(key, "{\"promotion\":")
                : database.HashSetAsync(key, [new("promotion", 7), new("digest", "abc"), new("model", "m")])
        );

        var fault = await Assert.ThrowsAsync<StreamRecException>(() =>
            name == "history" ? Pointer().HistoryAsync(default) : (Task)Pointer().ReadAsync(default)
        );

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains(key, fault.Message);
    }

    [Fact]
    public async Task What_a_worker_said_of_an_earlier_stage_is_no_answer()
    {
        var earlier = await Pointer().StageAsync(s_two, "two", "me", default);
        var worker = new WorkerReport
        {
            Id = "w1",
            Host = "h",
            Pid = 7,
            Topic = "clicks",
            Group = "g",
            Asked = s_two,
            AskedAt = earlier,
            State = WorkerReport.Refused,
        };

        Assert.True(worker.Answers(s_two, earlier));
        Assert.False(worker.Answers(s_two, earlier + 1));
        Assert.True((worker with { AskedAt = earlier + 1 }).Answers(s_two, earlier + 1));
        Assert.False((worker with { State = WorkerReport.Loading }).Answers(s_two, earlier));
    }

    [Fact]
    public async Task A_worker_is_there_for_as_long_as_it_reports()
    {
        var reports = new WorkerReports(Redis, new("p"), new RedisSettings(Server.Address));
        var worker = new WorkerReport
        {
            Id = "w1",
            Host = "h",
            Pid = 7,
            Topic = "clicks",
            Group = "g",
            Loaded = [s_one],
            Asked = s_two,
            State = WorkerReport.Refused,
            Reason = "why",
        };
        await reports.WriteAsync(worker, DateTimeOffset.UnixEpoch, default);

        var seen = Assert.Single(await reports.ReadAsync(default));

        Assert.Equal((worker.Name, true, false, "why"), (seen.Name, seen.Has(s_one), seen.Has(s_two), seen.Reason));
        Assert.NotNull(await Redis.KeyTimeToLiveAsync(new ModelKeys("p").Worker("w1")));
        await Redis.KeyDeleteAsync(new ModelKeys("p").Worker("w1"));
        Assert.Empty(await reports.ReadAsync(default));
        await reports.ForgetAsync(DateTimeOffset.UnixEpoch.AddDays(1), default);
        Assert.Equal(0, await Redis.HashLengthAsync(new ModelKeys("p").Workers));
    }

    private ModelPointer Pointer() => new(Redis, new("p"), new RedisSettings(Server.Address));

    private Task<LivePointer> PromoteAsync(long expected, string digest, string why = "") =>
        Pointer().PromoteAsync(expected, digest, digest[..4], "me", why, Kinds.Promote, default);
}
