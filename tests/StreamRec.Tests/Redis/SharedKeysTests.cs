using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Lists;
using StreamRec.Redis;
using StreamRec.Redis.Lists;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Embedded;

namespace StreamRec.Tests.Redis;

/// <summary>What is no user's own, in the store, as readers find it.</summary>
public sealed class SharedKeysTests : OnEmbeddedStore
{
    private const string Young = "age:25-34";

    [Fact]
    public async Task What_a_catalogue_withdraws_is_taken_from_the_lists_of_segments_too()
    {
        await using var reader = Reader();
        await WriteAsync(new("items", 1), ["young", "b"]);
        Assert.Equal(["young", "b"], (await reader.ReadAsync("nobody", [Young])).Items);

        await WriteAsync(new("items", 2), ["b"]);

        Assert.Equal(["b"], (await reader.ReadAsync("nobody", [Young])).Items);
    }

    /// <summary>Workers read it at their own pace, and each writes what it knows.</summary>
    [Theory]
    [InlineData("items", 8, false)]
    [InlineData("items", 9, true)]
    [InlineData("items", 10, true)]
    [InlineData("made anew", 1, true)]
    public async Task What_an_older_catalogue_says_replaces_nothing_newer(string topic, long offset, bool written)
    {
        await WriteAsync(new("items", 9), ["\"catalogue\":{\"topic_uuid\":\"items\",\"offset\":99}", "b"]);

        await WriteAsync(new(topic, offset), ["c"]);

        await using var reader = Reader();
        Assert.Equal(written, (await reader.ReadPopularAsync()).Items.Contains("c"));
        Assert.Equal(written, (await reader.ReadPopularAsync([Young])).Items.Contains("c"));
        var withdrawn = (string?)await Redis.StringGetAsync(new StoreKeys(Prefix).Withdrawn);
        Assert.Equal(written, withdrawn!.Contains($"\"offset\":{offset}", StringComparison.Ordinal));
    }

    /// <summary>A worker that starts late, or learns of a promotion late, has an earlier model.</summary>
    [Theory]
    [InlineData(0, 10, false)]
    [InlineData(6, 10, false)]
    [InlineData(7, 8, false)]
    [InlineData(7, 9, true)]
    [InlineData(8, 8, true)]
    public async Task What_an_earlier_promotion_says_replaces_nothing_of_a_later_one(
        long promotion,
        long offset,
        bool written
    )
    {
        await WriteAsync(new("items", 9), ["\"promotion\":99", "b"], 7);

        await WriteAsync(new("items", offset), ["c"], promotion);

        await using var reader = Reader();
        Assert.Equal(written, (await reader.ReadPopularAsync()).Items.Contains("c"));
        Assert.Equal(written, (await reader.ReadPopularAsync([Young])).Items.Contains("c"));
        var withdrawn = (string?)await Redis.StringGetAsync(new StoreKeys(Prefix).Withdrawn);
        Assert.Equal(written, withdrawn!.Contains($"\"offset\":{offset}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_withdrawn_is_read_back()
    {
        Assert.Empty((await Keys().TryReadWithdrawnAsync(default))!);

        await Keys().TryWriteAsync(new(new("items", 9), ["a", "b"]), Lists(new("items", 9), ["c"]), default);

        Assert.Equal(["a", "b"], (await Keys().TryReadWithdrawnAsync(default))!);
    }

    [Fact]
    public async Task A_worker_that_follows_no_catalogue_any_more_writes_its_lists()
    {
        await WriteAsync(new("items", 9), ["b"]);

        await Keys().WriteAsync(Lists(null, ["c"]));

        await using var reader = Reader();
        Assert.Equal(["c"], (await reader.ReadPopularAsync()).Items);
    }

    private const string Prefix = ListKeys.DefaultPrefix;

    private SharedKeys Keys() => new(Redis, new StoreKeys(Prefix));

    private ListReader Reader() => new(Connection, new() { ReadTimeout = TimeSpan.FromMinutes(1) });

    private async Task WriteAsync(CatalogueVersion version, string[] items, long promotion = 0) =>
        Assert.True(
            await Keys()
                .TryWriteAsync(
                    new(version, []) { Promotion = promotion == 0 ? null : promotion },
                    Lists(version, items, promotion),
                    default
                )
        );

    private static PopularLists Lists(CatalogueVersion? version, string[] items, long promotion = 0)
    {
        var golden = PublishedList.Parse(Utf8(ContractFiles.Golden("popular.json")));
        var all = golden with { Items = items, Scores = new float[items.Length], Catalogue = version };
        byte[] Text(PublishedList list) =>
            Utf8(
                promotion == 0
                    ? list.ToJson()
                    : list.ToJson().Replace(",\"written_at\"", $",\"promotion\":{promotion},\"written_at\"")
            );
        return new(Text(all), [new(Young, Text(all with { Segment = Young }))], version, promotion);
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
