using StreamRec.Client;
using StreamRec.Lists;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Client;

/// <summary>What every reader of lists does: that of Redis, and its double.</summary>
public abstract class ListReaderContract
{
    protected const string User = "a:b {c}";

    private static readonly PublishedList s_list = PublishedList.Parse(Bytes("list.json"));
    private static readonly PublishedList s_popular = PublishedList.Parse(Bytes("popular.json"));
    private static readonly EventPosition s_position = new("kG1IZNCzQZCBYW1pbU9aVA", 3, 90210);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(1);

    private protected abstract IListReader Reader { get; }

    private protected abstract IListReader Thrower { get; }

    private protected abstract Task SetAsync(string? userId, PublishedList? list);

    private protected abstract Task SetSegmentAsync(string segment, PublishedList list);

    private protected abstract Task SetSimilarAsync(string itemId, PublishedList list);

    private protected abstract Task FailAsync();

    [Fact]
    public async Task An_item_has_what_is_most_like_it_and_nothing_in_its_place()
    {
        await SetAsync(null, s_popular);
        await SetSimilarAsync("a:b", s_popular with { Kind = ListKinds.Similar, Items = ["c", "d"] });

        var result = await Reader.ReadSimilarAsync("a:b");

        Assert.Equal(("", ListSource.Similar, ListReason.None), (result.UserId, result.Source, result.Reason));
        Assert.Equal(["c", "d"], result.Items);
        var other = await Reader.ReadSimilarAsync("b");
        Assert.Equal((ListSource.None, ListReason.NoList), (other.Source, other.Reason));
        Assert.Null(other.List);
        await FailAsync();
        Assert.Equal(ListReason.Unreachable, (await Reader.ReadSimilarAsync("a:b")).Reason);
        await Assert.ThrowsAsync<ListReadException>(() => Thrower.ReadSimilarAsync("a:b"));
    }

    [Fact]
    public async Task A_user_gets_the_own_list()
    {
        await SetAsync(null, s_popular);
        await SetAsync(User, s_list);

        var result = await Reader.ReadAsync(User);

        Assert.Equal(
            (User, ListSource.Own, ListReason.None, null),
            (result.UserId, result.Source, result.Reason, result.Fault)
        );
        Assert.Equal(s_list.ToJson(), result.List!.ToJson());
        Assert.Equal(s_list.Items, result.Items);
        Assert.Equal(
            result.AsOf.ToUnixTimeMilliseconds() - s_list.WrittenAtMs,
            result.Age!.Value.TotalMilliseconds,
            60_000d
        );
    }

    [Fact]
    public async Task A_user_without_a_list_gets_the_popular_one_and_the_reason()
    {
        await SetAsync(null, s_popular);

        var result = await Reader.ReadAsync(User);

        Assert.Equal((ListSource.Popular, ListReason.NoList), (result.Source, result.Reason));
        Assert.Equal(s_popular.Items, result.Items);
        Assert.Equal(result.Items, (await Reader.ReadPopularAsync()).Items);
    }

    [Fact]
    public async Task A_user_without_a_list_gets_that_of_the_first_segment_that_has_one()
    {
        string[] segments = ["age:95-99", "age:25-34", "country:DE"];
        await SetAsync(null, s_popular);
        Assert.Null((await Reader.ReadAsync(User, segments)).Segment);
        await SetSegmentAsync("country:DE", s_popular with { Items = ["de", "b"] });
        await SetSegmentAsync("age:25-34", s_popular with { Items = ["young", "b"] });

        var result = await Reader.ReadAsync(User, segments);

        Assert.Equal((ListSource.Popular, ListReason.NoList), (result.Source, result.Reason));
        Assert.Equal(("age:25-34", "popular"), (result.Segment, result.List!.Kind));
        Assert.Equal(["young", "b"], result.Items);
        Assert.Equal(["de", "b"], (await Reader.ReadPopularAsync(["country:DE"])).Items);
        Assert.Equal(s_popular.Items, (await Reader.ReadPopularAsync(["country:FR"])).Items);
        await SetAsync(User, s_list);
        Assert.Equal(ListSource.Own, (await Reader.ReadAsync(User, segments)).Source);
    }

    [Fact]
    public async Task Many_users_have_segments_of_their_own()
    {
        await SetAsync(null, s_popular);
        await SetAsync("u2", s_list);
        await SetSegmentAsync("age:25-34", s_popular with { Items = ["young", "b"] });

        var results = await Reader.ReadManyAsync([
            new SegmentedUser("u1", ["age:25-34"]),
            new SegmentedUser("u2", ["age:25-34"]),
            new SegmentedUser("u3", []),
        ]);

        Assert.Equal(["age:25-34", null, null], results.Select(result => result.Segment));
        Assert.Equal([ListSource.Popular, ListSource.Own, ListSource.Popular], results.Select(result => result.Source));
    }

    [Fact]
    public async Task A_segments_list_of_an_earlier_model_is_passed_over()
    {
        await SetAsync(null, s_popular);
        await SetSegmentAsync("age:25-34", s_popular with { Model = "earlier", Items = ["old", "b"] });

        var result = await Reader.ReadAsync(User, ["age:25-34"]);

        Assert.Null(result.Segment);
        Assert.Equal(s_popular.Items, result.Items);
    }

    [Fact]
    public async Task Segments_that_no_event_may_have_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadAsync(User, ["a", "b", "c", "d", "e"]));
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadAsync(User, [""]));
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadPopularAsync([new string('x', 65)]));
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadManyAsync([new SegmentedUser(User, [""])]));
    }

    [Fact]
    public async Task Where_no_worker_ever_wrote_there_is_no_list()
    {
        var result = await Reader.ReadAsync(User);

        Assert.Equal((ListSource.None, ListReason.NoList), (result.Source, result.Reason));
        Assert.Null(result.List);
        Assert.Null(result.Age);
        Assert.Empty(result.Items);
        Assert.Equal(ListSource.None, (await Reader.ReadPopularAsync()).Source);
    }

    [Fact]
    public async Task Many_users_are_answered_in_the_order_of_the_question()
    {
        await SetAsync(null, s_popular);
        await SetAsync("u2", s_list);

        var results = await Reader.ReadManyAsync(["u1", "u2", "u2", "u3"]);

        Assert.Equal(["u1", "u2", "u2", "u3"], results.Select(result => result.UserId));
        Assert.Equal(
            [ListSource.Popular, ListSource.Own, ListSource.Own, ListSource.Popular],
            results.Select(result => result.Source)
        );
        Assert.Empty(await Reader.ReadManyAsync(Array.Empty<string>()));
    }

    [Fact]
    public async Task Waiting_ends_when_the_list_includes_the_event()
    {
        await SetAsync(User, Through(s_position with { Offset = s_position.Offset - 1 }));
        var waiting = Reader.WaitForAsync(User, s_position, TimeSpan.FromMinutes(5));
        await SetAsync(User, s_list);

        var result = await waiting;

        Assert.True(result.IsIncluded);
        Assert.Equal(s_position.Offset, result.List.List!.Through!.Value.Offset);
        Assert.True((await Reader.WaitForAsync(User, s_position with { Offset = 5 }, TimeSpan.Zero)).IsIncluded);
    }

    [Fact]
    public async Task An_event_of_another_partition_or_incarnation_of_the_topic_is_not_in_the_list()
    {
        await SetAsync(User, s_list);

        foreach (var other in new[] { s_position with { TopicUuid = "another" }, s_position with { Partition = 4 } })
        {
            var result = await Reader.WaitForAsync(User, other with { Offset = 1 }, TimeSpan.Zero);

            Assert.False(result.IsIncluded);
            Assert.Equal(ListSource.Own, result.List.Source);
        }
    }

    [Fact]
    public async Task Watching_gives_each_change_once()
    {
        await SetAsync(null, s_popular);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var seen = new List<string>();

        await foreach (var now in Reader.WatchAsync(User, s_interval, limit.Token))
        {
            seen.Add($"{now.Source} {now.List?.WrittenAtMs}");
            if (seen.Count == 3)
            {
                break;
            }
            await SetAsync(User, s_list with { WrittenAtMs = seen.Count });
        }
        Assert.Equal([$"Popular {s_popular.WrittenAtMs}", "Own 1", "Own 2"], seen);
    }

    [Fact]
    public async Task A_user_without_an_id_and_a_time_below_none_are_refused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            Reader.WaitForAsync(User, s_position, TimeSpan.FromTicks(-1))
        );
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadAsync(""));
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.ReadManyAsync(["u", ""]));
        await Assert.ThrowsAsync<ArgumentException>(() => Reader.WaitForAsync("", s_position, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_so()
    {
        var cancelled = new CancellationToken(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Reader.ReadAsync(User, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Reader.WaitForAsync(User, s_position, TimeSpan.FromMinutes(5), cancelled)
        );
    }

    [Fact]
    public async Task An_outage_is_an_answer_that_says_so()
    {
        await SetAsync(null, s_popular);
        await SetAsync(User, s_list);
        await FailAsync();

        var results = await Reader.ReadManyAsync([User, "other"]);

        foreach (var result in results.Append(await Reader.ReadAsync(User)).Append(await Reader.ReadPopularAsync()))
        {
            Assert.Equal((ListSource.None, ListReason.Unreachable), (result.Source, result.Reason));
            Assert.Empty(result.Items);
        }
        Assert.False((await Reader.WaitForAsync(User, s_position, TimeSpan.Zero)).IsIncluded);
    }

    [Fact]
    public async Task An_outage_is_an_exception_for_who_wants_one()
    {
        await SetAsync(User, s_list);
        await FailAsync();

        var fault = await Assert.ThrowsAsync<ListReadException>(() => Thrower.ReadAsync(User));

        Assert.Equal(ListReason.Unreachable, fault.Reason);
        await Assert.ThrowsAsync<ListReadException>(() => Thrower.ReadManyAsync([User]));
        await Assert.ThrowsAsync<ListReadException>(() => Thrower.ReadPopularAsync());
        await Assert.ThrowsAsync<ListReadException>(() => Thrower.WaitForAsync(User, s_position, TimeSpan.Zero));
    }

    private static PublishedList Through(EventPosition position) =>
        s_list with
        {
            Through = s_list.Through!.Value with { Offset = position.Offset },
        };

    private static byte[] Bytes(string golden) => System.Text.Encoding.UTF8.GetBytes(ContractFiles.Golden(golden));
}
