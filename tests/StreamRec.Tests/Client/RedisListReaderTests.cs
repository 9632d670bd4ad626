using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Lists;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Client;

/// <summary>The reader of Redis, against the embedded store.</summary>
public sealed class RedisListReaderTests : ListReaderContract, IAsyncLifetime
{
    private readonly EmbeddedStore _store = EmbeddedStore.Start();
    private bool _ended;
    private ListReader _reader = null!;
    private ListReader _thrower = null!;
    private ListReader _keeper = null!;
    private ConnectionMultiplexer _redis = null!;

    private protected override IListReader Reader => _reader;

    private protected override IListReader Thrower => _thrower;

    public async Task InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(_store.Address);
        var patient = TimeSpan.FromMinutes(1);
        _reader = await ListReader.ConnectAsync(_store.Address, new() { Prefix = "shop", ReadTimeout = patient });
        _thrower = new(
            _redis,
            new()
            {
                Prefix = "shop",
                ReadTimeout = patient,
                ThrowOnOutage = true,
            }
        );
        _keeper = new(
            _redis,
            new()
            {
                Prefix = "shop",
                ReadTimeout = patient,
                LastKnownUsers = 2,
            }
        );
    }

    public async Task DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _redis.DisposeAsync();
        End();
    }

    private protected override async Task SetAsync(string? userId, PublishedList? list)
    {
        RedisKey key = userId is null ? "shop:popular" : "shop:list:" + userId;
        if (list is null)
        {
            await _redis.GetDatabase().KeyDeleteAsync(key);
        }
        else
        {
            await _redis.GetDatabase().StringSetAsync(key, list.ToJson());
        }
    }

    private protected override Task SetSegmentAsync(string segment, PublishedList list) =>
        _redis.GetDatabase().StringSetAsync("shop:popular." + segment, (list with { Segment = segment }).ToJson());

    private protected override Task SetSimilarAsync(string itemId, PublishedList list) =>
        _redis.GetDatabase().StringSetAsync("shop:similar:" + itemId, list.ToJson());

    private protected override async Task FailAsync()
    {
        End();
        // Until both connections have noticed.
        foreach (var reader in new IListReader[] { _reader, _keeper })
        {
            await foreach (var now in reader.WatchAsync("nobody", TimeSpan.FromMilliseconds(1)))
            {
                if (now.Reason == ListReason.Unreachable)
                {
                    break;
                }
            }
        }
    }

    private void End()
    {
        if (!_ended)
        {
            _ended = true;
            _store.Dispose();
        }
    }

    [Fact]
    public async Task A_list_is_read_typed()
    {
        await _redis.GetDatabase().StringSetAsync("shop:list:" + User, ContractFiles.Golden("list.json"));

        var own = (await _reader.ReadAsync(User)).List!;

        Assert.False(own.IsPopular);
        Assert.Equal(["sku-0242", "sku-0007", "Grüner Tee \"No. 1\""], own.Items);
        Assert.Equal([4.25f, 0.33333f, -1.5f], own.Scores);
        Assert.Equal(new ListedEvent("0197c2a4-9b1f-7e32-8d14-2f6f0e6b9a51", 1767225600250), own.LastEvent);
        Assert.Equal(new Through("kG1IZNCzQZCBYW1pbU9aVA", 3, 0, 5, 90210, 1767225601003), own.Through);
        Assert.Equal(("9f2c6a1b0d3e4f57", "5b1f0c9e", 1767225600262), (own.Model, own.Options, own.WrittenAtMs));
        Assert.True(ContractFiles.IsValid("list.schema.json", own.ToJson()));
    }

    [Fact]
    public async Task What_was_read_last_is_shown_while_Redis_is_away_and_says_so()
    {
        await _redis.GetDatabase().StringSetAsync("shop:list:" + User, ContractFiles.Golden("list.json"));
        await _redis.GetDatabase().StringSetAsync("shop:popular", ContractFiles.Golden("popular.json"));
        var before = await _keeper.ReadAsync(User);
        await _keeper.ReadPopularAsync();
        await FailAsync();

        var own = await _keeper.ReadAsync(User);
        var stranger = await _keeper.ReadAsync("stranger");

        Assert.Equal((ListSource.LastKnown, ListReason.Unreachable), (own.Source, own.Reason));
        Assert.Equal(before.Items, own.Items);
        Assert.Equal(before.AsOf, own.AsOf);
        Assert.Equal((ListSource.LastKnown, ListReason.Unreachable), (stranger.Source, stranger.Reason));
        Assert.True(stranger.List!.IsPopular);
    }

    [Fact]
    public async Task What_a_segment_was_shown_last_is_shown_while_Redis_is_away()
    {
        var popular = PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(ContractFiles.Golden("popular.json")));
        await SetAsync(null, popular);
        await SetSegmentAsync("age:25-34", popular);
        await _keeper.ReadPopularAsync(["age:25-34"]);
        await FailAsync();

        var result = await _keeper.ReadPopularAsync(["age:25-34"]);

        Assert.Equal((ListSource.LastKnown, "age:25-34"), (result.Source, result.Segment));
    }

    [Fact]
    public async Task Of_no_more_users_than_was_said_the_last_list_is_kept()
    {
        foreach (var user in new[] { "u1", "u2", "u3" })
        {
            await _redis.GetDatabase().StringSetAsync("shop:list:" + user, ContractFiles.Golden("list.json"));
            await _keeper.ReadAsync(user);
        }
        await FailAsync();

        var after = await _keeper.ReadManyAsync(["u1", "u2", "u3"]);

        Assert.Equal(
            [ListSource.None, ListSource.LastKnown, ListSource.LastKnown],
            after.Select(result => result.Source)
        );
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"format\":2,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    public async Task What_cannot_be_read_is_told_and_the_popular_list_stands_in(string text)
    {
        await _redis.GetDatabase().StringSetAsync("shop:list:" + User, text);
        await _redis.GetDatabase().StringSetAsync("shop:popular", ContractFiles.Golden("popular.json"));

        var result = await _thrower.ReadAsync(User);

        Assert.Equal((ListSource.Popular, ListReason.Unreadable), (result.Source, result.Reason));
        Assert.IsType<InvalidDataException>(result.Fault);
    }

    [Fact]
    public async Task A_key_of_another_type_is_told()
    {
        await _redis.GetDatabase().HashSetAsync("shop:list:" + User, "a", "b");

        Assert.Equal(ListReason.Unreadable, (await _thrower.ReadAsync(User)).Reason);
    }

    [Theory]
    [InlineData("murmur2", EventPartitioner.Murmur2)]
    [InlineData("crc32", EventPartitioner.Crc32)]
    [InlineData("any", null)]
    [InlineData(null, null)]
    public async Task The_workers_partitioner_is_read_from_what_the_worker_wrote(
        string? name,
        EventPartitioner? expected
    )
    {
        if (name is not null)
        {
            await _redis.GetDatabase().HashSetAsync("shop:meta:{clicks:0}", "partitioner", name);
        }
        Assert.Equal(expected, await _reader.PartitionerAsync("clicks"));
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        foreach (
            var (options, name) in new (ListReaderOptions, string)[]
            {
                (new() { Prefix = "a:b" }, "Prefix"),
                (new() { Prefix = null! }, "Prefix"),
                (new() { ReadTimeout = TimeSpan.Zero }, "ReadTimeout"),
                (new() { LastKnownUsers = -1 }, "LastKnownUsers"),
            }
        )
        {
            var fault = Assert.Throws<ArgumentException>(() => new ListReader(_redis, options));

            Assert.Contains(name, fault.Message);
            Assert.DoesNotContain("--", fault.Message);
        }
    }
}
