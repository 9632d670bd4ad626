using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Lists;

namespace StreamRec.Tests.Client;

/// <summary>A reader of lists, where items were withdrawn after they were written.</summary>
public sealed class WithdrawnReaderTests : IDisposable
{
    private readonly EmbeddedStore _store = EmbeddedStore.Start();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task What_was_withdrawn_is_left_out_and_a_list_without_any_item_left_gives_way()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_store.Address);
        var database = redis.GetDatabase();
        await database.StringSetAsync("shop:popular", Json(["p", "a"], 9));
        await database.StringSetAsync("shop:list:some", Json(["a", "c"], 9));
        await database.StringSetAsync("shop:list:none", Json(["a", "b"], 9));
        await database.StringSetAsync("shop:list:new", Json(["a", "b"], 10));
        await database.StringSetAsync("shop:list:plain", Json(["a", "b"], null));
        await database.StringSetAsync("shop:withdrawn", new WithdrawnItems(new("uuid", 10), ["a", "b"]).ToJson());
        var reader = new ListReader(redis, new() { Prefix = "shop", ReadTimeout = TimeSpan.FromMinutes(1) });

        string[] users = ["some", "none", "new", "plain", "nobody"];
        string[] shown = ["Own c", "Popular p", "Own a,b", "Own a,b", "Popular p"];
        Assert.Equal(shown, (await reader.ReadManyAsync(users)).Select(Shown));
        for (var i = 0; i < users.Length; i++)
        {
            Assert.Equal(shown[i], Shown(await reader.ReadAsync(users[i])));
        }
    }

    private static string Shown(ListResult result) => $"{result.Source} {string.Join(',', result.Items)}";

    private static string Json(string[] items, long? catalogue) =>
        new PublishedList
        {
            Format = 1,
            Kind = ListKinds.Model,
            Model = "m",
            Items = items,
            Scores = [.. items.Select(_ => 1f)],
            Catalogue = catalogue is { } offset ? new CatalogueVersion("uuid", offset) : null,
        }.ToJson();
}
