using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Lists;
using StreamRec.Redis.Lists;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Redis;

/// <summary>Lists of segments in the store, as readers find them.</summary>
public sealed class SegmentKeysTests
{
    [Fact]
    public async Task What_a_catalogue_withdraws_is_taken_from_the_lists_of_segments_too()
    {
        using var store = EmbeddedStore.Start();
        using var redis = await ConnectionMultiplexer.ConnectAsync(store.Address);
        var reader = new ListReader(redis, new() { ReadTimeout = TimeSpan.FromMinutes(1) });
        var key = new WithdrawnKey(redis.GetDatabase(), ListKeys.DefaultPrefix);
        var popular = PublishedList.Parse(Utf8(ContractFiles.Golden("popular.json")));
        foreach (
            var left in (string[][])
                [
                    ["young", "b"],
                    ["b"],
                ]
        )
        {
            var list = popular with { Segment = "age:25-34", Items = left, Scores = new float[left.Length] };

            Assert.True(
                await key.TryWriteAsync(
                    new("items", left.Length),
                    [],
                    Utf8(popular.ToJson()),
                    [new("age:25-34", Utf8(list.ToJson()))],
                    default
                )
            );

            Assert.Equal(left, (await reader.ReadAsync("nobody", ["age:25-34"])).Items);
        }
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
