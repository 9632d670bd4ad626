using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>Rows about brokers: killed, restarted, silent.</summary>
internal static class Brokers
{
    public static IEnumerable<Row> Rows =>
        [
            new(4, "the leader of a partition, and of the coordinator's, killed", KillLeaderAsync),
            new(5, "rolling restart of all brokers under load", RollAsync),
            new(7, "transport bursts: each broker silent in turn while 900 events come", BurstAsync),
            new(8, "all brokers silent while a worker leaves", SilentCloseAsync),
            new(
                9,
                "the coordinator silent until another broker takes over (stands in for cutting one worker from it)",
                SilentCoordinatorAsync
            ),
            new(23, "the broker of the dead-letter topic down, with poison in the log", DeadLetterBrokerAsync),
        ];

    private static async Task<TimeSpan> KillLeaderAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                foreach (
                    var leader in new[]
                    {
                        stage.Kafka.LeaderOf(stage.Name, 0),
                        await CoordinatorAsync(stage),
                    }.Distinct()
                )
                {
                    stage.Kafka.Kill(leader);
                    await Wait.UntilAsync("another broker leads", () => NewLeader(stage, leader), Stage.Limit);
                    stage.Observe($"broker {leader} killed, another leads");
                    await stage.Kafka.ReviveAsync(leader);
                }
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> RollAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var node = 1; node <= stage.Kafka.Nodes; node++)
                {
                    await stage.Kafka.StopAsync(node);
                    stage.Observe($"broker {node} restarted");
                    await stage.Kafka.ReviveAsync(node);
                    await InSyncAsync(stage);
                }
            },
            events: 9000
        );
    }

    private static async Task<TimeSpan> BurstAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var node = 1; node <= stage.Kafka.Nodes; node++)
                {
                    Signals.Send(stage.Kafka.ProcessOf(node), Signals.Stop);
                    await stage.WhileSentAsync(900);
                    Signals.Send(stage.Kafka.ProcessOf(node), Signals.Continue);
                    stage.Observe($"broker {node} was silent");
                    await InSyncAsync(stage);
                }
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> SilentCloseAsync(Stage stage)
    {
        var leaving = await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var node = 1; node <= stage.Kafka.Nodes; node++)
                {
                    Signals.Send(stage.Kafka.ProcessOf(node), Signals.Stop);
                }
                await stage.StopAsync(leaving);
                stage.Observe(
                    leaving.Output.Contains("did not let the group be left", StringComparison.Ordinal)
                        ? "ended by its deadline, exit code 0"
                        : "ended in good order, exit code 0"
                );
                for (var node = 1; node <= stage.Kafka.Nodes; node++)
                {
                    Signals.Send(stage.Kafka.ProcessOf(node), Signals.Continue);
                }
                await stage.StartedAsync();
            }
        );
    }

    private static async Task<TimeSpan> SilentCoordinatorAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                var coordinator = await CoordinatorAsync(stage);
                Signals.Send(stage.Kafka.ProcessOf(coordinator), Signals.Stop);
                var next = coordinator;
                await Wait.UntilAsync(
                    "another broker coordinates",
                    async () => (next = await CoordinatorAsync(stage)) != coordinator,
                    Stage.Limit
                );
                Signals.Send(stage.Kafka.ProcessOf(coordinator), Signals.Continue);
                stage.Observe($"coordinator {coordinator} was silent until broker {next} took over");
                await InSyncAsync(stage);
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> DeadLetterBrokerAsync(Stage stage)
    {
        var letters = stage.Name + ".dead-letters";
        await stage.Kafka.CreateTopicOnAsync([3], letters, 4, ("min.insync.replicas", "1"));
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                await stage.Kafka.StopAsync(3);
                for (var i = 0; i < 40; i++)
                {
                    stage.Traffic.Send($"u{i:D6}", "no JSON");
                }
                stage.Traffic.Flush();
                // Each partition has poison in it, and waits there; nothing is skipped: traffic goes on, and no step is
                // written.
                var next = await stage.Oracle.NextAsync();
                var sent = stage.Traffic.Sent;
                await Wait.UntilAsync(
                    "all partitions wait at their poison",
                    async () =>
                    {
                        var before = next;
                        next = await stage.Oracle.NextAsync();
                        var still = next.SequenceEqual(before) && stage.Traffic.Sent >= sent + 1000;
                        sent = next.SequenceEqual(before) ? sent : stage.Traffic.Sent;
                        return still;
                    },
                    Stage.Limit
                );
                stage.Observe($"{next.Length} partitions waited while 1000 more events came");
                await stage.Kafka.ReviveAsync(3);
            }
        );
    }

    private static bool NewLeader(Stage stage, int old)
    {
        try
        {
            return stage.Kafka.LeaderOf(stage.Name, 0) != old;
        }
        catch (Confluent.Kafka.KafkaException)
        {
            return false;
        }
    }

    private static async Task<int> CoordinatorAsync(Stage stage) =>
        (await stage.Kafka.DescribeAsync(stage.Settings.Group)).Coordinator.Id;

    private static Task InSyncAsync(Stage stage) =>
        Wait.UntilAsync(
            "all replicas are in sync",
            () =>
            {
                try
                {
                    return stage
                        .Kafka.Admin.GetMetadata(stage.Name, TimeSpan.FromSeconds(10))
                        .Topics.Single()
                        .Partitions.All(p => p.Leader >= 0 && p.InSyncReplicas.Length == stage.Kafka.Nodes);
                }
                catch (Confluent.Kafka.KafkaException)
                {
                    return false;
                }
            },
            Stage.Limit
        );
}
