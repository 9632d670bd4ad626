using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>Rows about worker processes: killed, stopped, slow, many, under another protocol.</summary>
internal static class Workers
{
    public static IEnumerable<Row> Rows =>
        [
            new(
                1,
                "SIGKILL at fail points: after the claim, before and after the script, before StoreOffset",
                KillAsync
            ),
            new(
                2,
                "SIGSTOP beyond the session timeout with a batch in hand, then CONT",
                stage => StopAsync(stage, "before-step:6:stop")
            ),
            new(3, "stopped between assignment and claim, then CONT", stage => StopAsync(stage, "before-claim:1:stop")),
            new(
                6,
                "session expired under a live member, both protocols (stands in for injected IllegalGeneration and "
                    + "FencedMemberEpoch)",
                ExpireAsync
            ),
            new(10, "join and leave storm, 2–6 workers", StormAsync),
            new(11, "classic → consumer protocol: a mix is refused, all workers at once are not", MigrateAsync),
            new(12, "the same group.instance.id twice", TwinsAsync),
            new(13, "inference slower than max.poll.interval", SlowAsync),
            new(14, "an exception in the assigned, the lost and the revoked handler", ThrowAsync),
            new(31, "two thread-pool threads, a heap of 96 MiB", SqueezeAsync),
            new(32, "soak with a random mix of kills, stops and Redis pauses", SoakAsync),
            new(34, "a partition leaves and returns to the same worker, another having worked it between", ReturnAsync),
        ];

    private static async Task<TimeSpan> KillAsync(Stage stage)
    {
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                foreach (
                    var point in new[] { "after-claim:2", "before-step:4", "after-step:4", "before-store-offset:4" }
                )
                {
                    var worker = stage.Start($"{point}:kill");
                    await worker.SaysAsync("fail point", Stage.Limit);
                    if (await stage.EndsAsync(worker) != 128 + Signals.Kill)
                    {
                        throw new InvalidOperationException(
                            $"the worker ended with {worker.ExitCode}: {worker.Output}"
                        );
                    }
                    stage.Observe($"killed {point.Split(':')[0]}");
                }
            },
            events: 9000
        );
    }

    private static async Task<TimeSpan> StopAsync(Stage stage, string plan)
    {
        var zombie = await stage.StartedAsync($"{plan};after-step:*:say;after-claim:*:say");
        var other = stage.Start("after-step:*:say");
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                var line = await Flow.StoppedAsync(zombie, plan.Split(':')[0]);
                var partition = int.Parse(line.Split('[')[1].Split(']')[0], null);
                var before = await stage.Oracle.NextAsync(partition);
                await Wait.UntilAsync(
                    "another worker moves the partition on",
                    async () => await stage.Oracle.NextAsync(partition) > before,
                    Stage.Limit
                );
                stage.Observe($"partition {partition} moved on without it");
                zombie.Resume();
                if (plan.StartsWith("before-step", StringComparison.Ordinal))
                {
                    await stage.SeenAsync(zombie, "Fenced", "FENCED on its next write");
                }
                else
                {
                    await Wait.UntilAsync(
                        "the late claim is answered",
                        () => zombie.Output.Contains("after-claim", StringComparison.Ordinal),
                        Stage.Limit
                    );
                    stage.Observe("its late claim came after another's");
                }
            },
            events: 9000
        );
    }

    private static async Task<TimeSpan> ExpireAsync(Stage stage)
    {
        var classic = await stage.StartedAsync("assigned:*:say;lost:*:say;revoked:*:say");
        var before = stage.Settings;
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                await ExpiredAsync(stage, classic, await stage.StartedAsync(), "classic");
                await stage.StopAllAsync();
                stage.Settings = Consumer(before);
                var consumer = await stage.StartedAsync("assigned:*:say;lost:*:say;revoked:*:say");
                await ExpiredAsync(stage, consumer, await stage.StartedAsync(), "consumer");
            },
            events: 9000
        );
    }

    // What a member holds stands in its report: the coordinator tells little of groups of the consumer protocol.
    private static async Task ExpiredAsync(Stage stage, ServerProcess worker, ServerProcess other, string protocol)
    {
        await worker.SaysAsync("worked on 2 partitions", Stage.Limit);
        await other.SaysAsync("worked on 2 partitions", Stage.Limit);
        worker.Pause();
        await other.SaysAsync("worked on 4 partitions", Stage.Limit);
        worker.Resume();
        await stage.SeenAsync(worker, "fail point lost", $"{protocol}: partitions lost after the broker's refusal");
    }

    /// <summary>Under the consumer protocol the broker decides on sessions.</summary>
    private static WorkerSettings Consumer(WorkerSettings settings) =>
        settings with
        {
            Further = [.. settings.Further, "--group-protocol", "consumer"],
            Environment = settings
                .Environment.Where(e => !e.Key.Contains("session.timeout") && !e.Key.Contains("heartbeat"))
                .ToDictionary(e => e.Key, e => e.Value),
        };

    private static async Task<TimeSpan> StormAsync(Stage stage)
    {
        var random = new Random(10);
        List<ServerProcess> alive = [await stage.StartedAsync()];
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    if (alive.Count < 2 || (alive.Count < 6 && random.Next(2) == 0))
                    {
                        alive.Add(await stage.StartedAsync());
                    }
                    else
                    {
                        var leaving = alive[random.Next(alive.Count)];
                        alive.Remove(leaving);
                        await (random.Next(2) == 0 ? stage.StopAsync(leaving) : stage.KillAsync(leaving));
                    }
                }
                stage.Observe("10 joins and leaves");
            },
            events: 9000
        );
    }

    private static async Task<TimeSpan> MigrateAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                stage.Settings = Consumer(stage.Settings);
                var early = stage.Start();
                var code = await stage.EndsAsync(early);
                stage.Observe(
                    code == 4 && early.Output.Contains("Stop them all", StringComparison.Ordinal)
                        ? "one among classic members is refused, exit code 4"
                        : throw new InvalidOperationException($"ended with {code}: {early.Output}")
                );
                await stage.StopAllAsync();
                await stage.StartedAsync();
                var consumer = await stage.StartedAsync("after-claim:*:say");
                await stage.SeenAsync(consumer, "Granted", "a worker of the consumer protocol has a partition");
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> TwinsAsync(Stage stage)
    {
        stage.Settings = stage.Settings with { Further = ["--group-instance-id", "one"] };
        var first = await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                await stage.StartedAsync();
                var code = await stage.EndsAsync(first);
                stage.Observe(
                    code == 4 && first.Output.Contains("--group-instance-id", StringComparison.Ordinal)
                        ? "the first was fenced by name, exit code 4"
                        : throw new InvalidOperationException($"ended with {code}: {first.Output}")
                );
            }
        );
    }

    private static async Task<TimeSpan> SlowAsync(Stage stage)
    {
        stage.Settings = stage.Settings with
        {
            Environment = new Dictionary<string, string>(stage.Settings.Environment)
            {
                ["STREAMREC__KAFKA__max.poll.interval.ms"] = "5000",
            },
        };
        var worker = await stage.StartedAsync(
            "before-encode:3:wait=9000;before-encode:9:wait=9000;lost:*:say;revoked:*:say"
        );
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                await stage.SeenAsync(worker, "fail point before-encode", "a batch took 9 s at an interval of 5 s");
                await Wait.UntilAsync(
                    "the second slow batch",
                    () => worker.Output.Split("fail point before-encode").Length > 2,
                    Stage.Limit
                );
                if (
                    worker.Output.Contains("fail point lost", StringComparison.Ordinal)
                    || worker.Output.Contains("fail point revoked", StringComparison.Ordinal)
                )
                {
                    throw new InvalidOperationException("the worker was put out of its group");
                }
                stage.Observe("it stayed in its group");
            }
        );
    }

    private static async Task<TimeSpan> ThrowAsync(Stage stage)
    {
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                var assigned = stage.Start("assigned:1:throw");
                await stage.SeenAsync(assigned, "fail point assigned", "threw in assigned");
                stage.Observe($"exit code {await stage.EndsAsync(assigned)}");
                var lost = await stage.StartedAsync("lost:1:throw");
                await lost.SaysAsync("worked on 2 partitions", Stage.Limit);
                lost.Pause();
                await Wait.UntilAsync(
                    "its session expires",
                    async () => (await stage.Kafka.DescribeAsync(stage.Settings.Group)).Members.Count == 1,
                    Stage.Limit
                );
                lost.Resume();
                await stage.SeenAsync(lost, "fail point lost", "threw in lost");
                stage.Observe($"exit code {await stage.EndsAsync(lost)}");
                // Of four partitions it has two, and of four workers each has one.
                var revoked = await stage.StartedAsync("revoked:1:throw");
                await stage.StartedAsync();
                await stage.StartedAsync();
                await stage.SeenAsync(revoked, "fail point revoked", "threw in revoked");
                stage.Observe($"exit code {await stage.EndsAsync(revoked)}");
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> SqueezeAsync(Stage stage)
    {
        stage.Settings = stage.Settings with
        {
            Environment = new Dictionary<string, string>(stage.Settings.Environment)
            {
                ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "2",
                ["DOTNET_GCHeapHardLimit"] = "6000000",
            },
        };
        var worker = await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            () =>
            {
                stage.Observe($"resident {worker.PeakMiB:F0} MiB at most");
                return Task.CompletedTask;
            }
        );
    }

    private static async Task<TimeSpan> SoakAsync(Stage stage)
    {
        var random = new Random(32);
        List<ServerProcess> alive = [await stage.StartedAsync(), await stage.StartedAsync()];
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var i = 0; i < 12; i++)
                {
                    var worker = alive[random.Next(alive.Count)];
                    switch (random.Next(4))
                    {
                        case 0:
                            alive.Remove(worker);
                            await stage.KillAsync(worker);
                            alive.Add(await stage.StartedAsync());
                            stage.Observe("kill");
                            break;
                        case 1:
                            worker.Pause();
                            await stage.WhileSentAsync(random.Next(300, 2100));
                            worker.Resume();
                            stage.Observe("stop");
                            break;
                        case 2:
                            stage.Redis.Process.Pause();
                            await stage.WhileSentAsync(random.Next(300, 2100));
                            stage.Redis.Process.Resume();
                            stage.Observe("Redis paused");
                            break;
                        default:
                            alive.Remove(worker);
                            await stage.StopAsync(worker);
                            alive.Add(await stage.StartedAsync());
                            stage.Observe("restart");
                            break;
                    }
                }
            },
            events: 20_000
        );
    }

    private static async Task<TimeSpan> ReturnAsync(Stage stage)
    {
        var first = await stage.StartedAsync("after-claim:*:say");
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var between = await stage.StartedAsync("after-step:*:say");
                    await stage.SeenAsync(between, "Applied", "another worked");
                    var claims = first.Output.Split("after-claim").Length;
                    await stage.StopAsync(between);
                    await Wait.UntilAsync(
                        "the first claims again",
                        () => first.Output.Split("after-claim").Length > claims,
                        Stage.Limit
                    );
                    stage.Observe("the first claimed again");
                }
            },
            events: 6000
        );
    }
}
