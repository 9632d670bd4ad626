using StreamRec.Commands;
using StreamRec.Testing;

namespace StreamRec.IntegrationTests;

/// <summary>
/// A worker's own name in its group, under the consumer protocol, whose broker keeps the name of one that was killed.
/// </summary>
[Collection(nameof(Servers))]
public sealed class StaticNameTests(Servers servers)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [ServerFact]
    public async Task Who_was_killed_is_no_twin_and_who_runs_is_one()
    {
        var topic = $"named-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        var settings = new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            topic,
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Further =
            [
                "--group-protocol",
                "consumer",
                "--group-instance-id",
                "shelf-1",
                "--set",
                "ReportEvery=00:00:01",
            ],
        };
        using var first = settings.Start();
        await first.SaysAsync("worked on 1 partitions", s_limit);
        first.Kill();
        await first.ExitAsync(s_limit);

        using var second = settings.Start();
        await second.SaysAsync("'shelf-1' is taken", s_limit);
        await second.SaysAsync("worked on 1 partitions", s_limit);

        using var twin = settings.Start();
        Assert.Equal((int)ExitCode.Unreachable, await twin.ExitAsync(s_limit));
        Assert.Contains("Another worker", twin.Output);
        Assert.False(second.HasExited, second.Output);
    }
}
