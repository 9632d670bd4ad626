using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Readers;

/// <summary>What a real worker writes of items.</summary>
[Collection(nameof(Servers))]
public sealed class SimilarTests(Servers servers)
{
    private const int Size = 7;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [ServerFact]
    public async Task Every_item_of_the_model_has_a_list_of_others_written_once_a_model_and_options()
    {
        var topic = $"similar-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        var bundle = Bundle.Load(await SmallBundle.PathAsync());
        await using var redis = await ConnectionMultiplexer.ConnectAsync(servers.Redis.Address);
        using var reader = new ListReader(redis, new() { Prefix = topic, ReadTimeout = TimeSpan.FromMinutes(1) });

        using (var first = await StartAsync(topic))
        {
            await first.SaysAsync("What is most like each of", s_limit);
            first.Terminate();
            Assert.Equal(0, await first.ExitAsync(s_limit));
        }
        var lists = await Task.WhenAll(bundle.ItemIds.Skip(1).Select(id => reader.ReadSimilarAsync(id)));
        Assert.All(lists, list => Assert.Equal((ListSource.Similar, Size), (list.Source, list.Items.Count)));
        Assert.All(lists, list => Assert.Equal(ListKinds.Similar, list.List!.Kind));
        Assert.All(lists, list => Assert.Subset(bundle.ItemIds.ToHashSet(), list.Items.ToHashSet()));
        Assert.Equal(ListSource.None, (await reader.ReadSimilarAsync("elsewhere")).Source);

        var item = bundle.ItemIds[1];
        await redis.GetDatabase().KeyDeleteAsync($"{topic}:similar:{item}");
        using var second = await StartAsync(topic);
        await second.SaysAsync("is there already", s_limit);
        second.Terminate();
        Assert.Equal(0, await second.ExitAsync(s_limit));
        Assert.Equal(ListSource.None, (await reader.ReadSimilarAsync(item)).Source);

        using var third = await StartAsync(topic, "--list-size", "9");
        await third.SaysAsync("What is most like each of", s_limit);
        third.Terminate();
        Assert.Equal(0, await third.ExitAsync(s_limit));
        Assert.Equal(ListSource.Similar, (await reader.ReadSimilarAsync(item)).Source);
    }

    private async Task<ServerProcess> StartAsync(string topic, params string[] further) =>
        new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Further = ["--similar-items", $"{Size}", .. further],
        }.Start();
}
