using StreamRec.Testing;
using StreamRec.Testing.Oracles;

namespace StreamRec.IntegrationTests;

/// <summary>What `streamrec recover` leaves behind, by what it was asked for.</summary>
[Collection(nameof(Servers))]
public sealed class RecoverTests(Servers servers)
{
    [ServerFact]
    public async Task Work_goes_on_exactly_where_it_was_asked_to()
    {
        await using var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), "recover");
        await stage.OpenAsync([]);
        await stage.StartedAsync();
        await stage.Traffic.SendAsync(1000, 4000);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        var next = await stage.Oracle.NextAsync();
        Assert.All(next, n => Assert.True(n > 0));
        Task<int> LeftAsync(string kind) =>
            Task.FromResult(
                stage
                    .Database.Multiplexer.GetServers()
                    .Sum(server => server.Keys(stage.Database.Database, $"{stage.Name}:{kind}:*").Count())
            );
        var (states, lists) = (await LeftAsync("state"), await LeftAsync("list"));
        Assert.True(states > 0 && lists > 0);

        await stage.RecoverAsync("--states", "keep", "--yes");
        Assert.Equal(next, await stage.Oracle.NextAsync());
        await stage.RecoverAsync("--states", "keep", "--from", "n", "--yes");
        Assert.Equal(next, await stage.Oracle.NextAsync());
        await stage.RecoverAsync("--states", "keep", "--from", "latest", "--yes");
        Assert.Equal(
            TopicLog.Read(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Ends,
            await stage.Oracle.NextAsync()
        );
        Assert.Equal((states, lists), (await LeftAsync("state"), await LeftAsync("list")));

        await stage.RecoverAsync("--yes");
        Assert.All(await stage.Oracle.NextAsync(), n => Assert.Equal(0, n));
        Assert.Equal((0, lists), (await LeftAsync("state"), await LeftAsync("list")));

        await stage.StartedAsync();
        await stage.SettledAsync();
        await stage.StopAllAsync();
        await stage.RecoverAsync("--lists", "drop", "--yes");
        Assert.Equal((0, 0), (await LeftAsync("state"), await LeftAsync("list")));

        await stage.StartedAsync();
        await stage.SettledAsync();
        await stage.StopAllAsync();
        var verdict = await stage.JudgeAsync(journal: false);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
    }
}
