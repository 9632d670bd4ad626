using System.Globalization;
using System.Text.RegularExpressions;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>Rows about Redis: silent, cut off, killed, failed over, full, emptied.</summary>
internal static class Stores
{
    private const string Replica = "replica";

    /// <summary>Some steps of the append-only log.</summary>
    private const long LostBytes = 256 * 1024;

    public static IEnumerable<Row> Rows =>
        [
            new(24, "Redis stopped until calls have gone unanswered for the time-out of 5 s", PauseAsync),
            new(
                25,
                "connections cut: before the request, after it, mid-reply, at many byte counts, half open",
                CutAsync
            ),
            new(
                26,
                "Redis kill -9 with appendfsync everysec, twice with the end of its log lost, "
                    + "as where the machine dies",
                KillAsync
            )
            {
                OwnRedis = ["--appendonly", "yes", "--appendfsync", "everysec"],
                Committed = false,
            },
            new(27, "Sentinel failover to a replica that lags", FailOverAsync) { OwnRedis = [], Committed = false },
            new(28, "SCRIPT FLUSH; maxmemory reached; then FLUSHALL → halt → recover", FlushAsync)
            {
                OwnRedis = ["--maxmemory-policy", "noeviction"],
            },
        ];

    private static async Task<TimeSpan> PauseAsync(Stage stage)
    {
        var worker = await stage.StartedAsync();
        await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                stage.Redis.Process.Pause();
                // A report names the count also where it is 0.
                await Wait.UntilAsync(
                    "calls are unanswered",
                    () => Regex.IsMatch(worker.Output, "[1-9][0-9]* unanswered"),
                    Stage.Limit,
                    () => worker.Output
                );
                stage.Redis.Process.Resume();
                stage.Observe("calls to Redis unanswered");
            }
        );
    }

    private static async Task<TimeSpan> CutAsync(Stage stage)
    {
        using var proxy = await Toxiproxy.StartAsync(stage.Redis.Address);
        stage.Settings = stage.Settings with { Redis = proxy.Address };
        var worker = await stage.StartedAsync("after-step:*:say");
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                var cuts = 0;
                async Task PoisonedAsync(string type, bool answers, object attributes, int events)
                {
                    await proxy.PoisonAsync(type, answers, attributes);
                    await stage.WhileSentAsync(events);
                    await proxy.HealAsync();
                    await proxy.CutAsync();
                    var steps = worker.Output.Split("after-step").Length;
                    await Wait.UntilAsync(
                        "steps go on",
                        () => worker.Output.Split("after-step").Length > steps,
                        Stage.Limit
                    );
                    cuts++;
                }
                foreach (var bytes in new[] { 1, 2, 3, 4, 5, 7, 11, 16, 50, 200 })
                {
                    await PoisonedAsync("limit_data", answers: true, new { bytes }, events: 200);
                }
                foreach (var bytes in new[] { 1, 10, 500, 5_000, 40_000 })
                {
                    await PoisonedAsync("limit_data", answers: false, new { bytes }, events: 200);
                }
                await PoisonedAsync("reset_peer", answers: true, new { timeout = 0 }, events: 300);
                // Half open: the requests arrive, the answers never.
                await PoisonedAsync("timeout", answers: true, new { timeout = 0 }, events: 2400);
                stage.Observe(
                    $"{cuts} cuts, {worker.Output.Split("Conflict").Length - 1} found applied or in conflict"
                );
            },
            events: 9000
        );
    }

    private static async Task<TimeSpan> KillAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync("after-step:*:say");
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                foreach (var lost in new[] { 0, LostBytes, LostBytes })
                {
                    await Wait.UntilAsync(
                        "the log is longer than what is lost",
                        () => new FileInfo(LogOf(stage.Redis)).Length > 2 * lost,
                        Stage.Limit
                    );
                    var before = await stage.Oracle.NextAsync();
                    await stage.KillAsync(stage.Redis.Process);
                    using (var log = File.OpenWrite(LogOf(stage.Redis)))
                    {
                        log.SetLength(log.Length - lost);
                    }
                    await stage.Redis.StartAgainAsync();
                    await stage.ReconnectAsync();
                    var back = Back(before, await stage.Oracle.NextAsync());
                    stage.Observe(
                        lost == 0 ? "killed"
                        : back > 0 ? $"killed, {back} offsets rolled back"
                        : throw new InvalidOperationException("nothing was rolled back")
                    );
                    await stage.WorkingAsync(before.Sum() + 1);
                }
            },
            events: 6000
        );
    }

    private static string LogOf(RedisServer redis) =>
        Directory.EnumerateFiles(Path.Combine(redis.Folder, "appendonlydir"), "*.incr.aof").Single();

    private static long Back(long[] before, long[] after) =>
        before.Zip(after).Sum(pair => Math.Max(0, pair.First - pair.Second));

    private static async Task<TimeSpan> FailOverAsync(Stage stage)
    {
        await stage.Database.ExecuteAsync(
            "ACL",
            "SETUSER",
            Replica,
            "on",
            $">{Replica}",
            "+psync",
            "+replconf",
            "+ping"
        );
        var replica = stage.Keep(
            await RedisServer.StartAsync(
                "--replicaof",
                $"127.0.0.1 {stage.Redis.Port}",
                "--masteruser",
                Replica,
                "--masterauth",
                Replica
            )
        );
        using var sentinel = await SentinelAsync(stage.Redis.Port);
        stage.Settings = stage.Settings with { Redis = $"127.0.0.1:{sentinel.Port},serviceName=streamrec" };
        await stage.StartedAsync();
        await stage.StartedAsync("after-step:*:say");
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                // The replica is put out and gets nothing more, the master goes on, and dies.
                await stage.Database.ExecuteAsync("ACL", "SETUSER", Replica, "off");
                await stage.Database.ExecuteAsync("CLIENT", "KILL", "USER", Replica);
                await stage.WorkingAsync((await stage.Oracle.NextAsync()).Sum() + 500);
                var before = await stage.Oracle.NextAsync();
                stage.Redis.Process.Kill();
                await stage.ReconnectAsync(replica);
                var back = Back(before, await stage.Oracle.NextAsync());
                stage.Observe(
                    back > 0
                        ? $"the replica was {back} offsets behind"
                        : throw new InvalidOperationException("the replica was not behind")
                );
                await stage.WorkingAsync(before.Sum() + 1);
            },
            events: 6000
        );
    }

    private static async Task<TimeSpan> FlushAsync(Stage stage)
    {
        var worker = await stage.StartedAsync();
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                await stage.Database.ExecuteAsync("SCRIPT", "FLUSH");
                var used = long.Parse((await InfoAsync(stage))["used_memory"], CultureInfo.InvariantCulture);
                await stage.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", $"{used}");
                await stage.SeenAsync(worker, "maxmemory", "writes refused at maxmemory, the worker waits");
                await stage.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
                var before = (await stage.Oracle.NextAsync()).Sum();
                await Wait.UntilAsync(
                    "work goes on",
                    async () => (await stage.Oracle.NextAsync()).Sum() > before,
                    Stage.Limit
                );
                await Wait.UntilAsync(
                    "Kafka holds committed offsets",
                    async () =>
                        (await stage.Kafka.CommittedAsync(stage.Settings.Group, stage.Name, Stage.Partitions)).All(
                            offset => offset > 0
                        ),
                    Stage.Limit
                );
                await stage.Database.ExecuteAsync("FLUSHALL");
                var code = await stage.EndsAsync(worker);
                stage.Observe(
                    code == 5 && worker.Output.Contains("StoreEmptied", StringComparison.Ordinal)
                        ? "halted: the store was emptied"
                        : throw new InvalidOperationException($"ended with {code}: {worker.Output}")
                );
                await stage.RecoverAsync("--yes");
                await stage.StartedAsync();
            },
            events: 6000
        );
    }

    private static async Task<Dictionary<string, string>> InfoAsync(Stage stage) =>
        (await stage.Database.Multiplexer.GetServers()[0].InfoAsync("memory"))
            .SelectMany(section => section)
            .ToDictionary();

    private static async Task<RunningSentinel> SentinelAsync(int master)
    {
        var directory = Directory.CreateTempSubdirectory("streamrec-sentinel-");
        var port = Ports.Free();
        var file = Path.Combine(directory.FullName, "sentinel.conf");
        await File.WriteAllTextAsync(
            file,
            $"""
            port {port}
            bind 127.0.0.1
            dir {directory.FullName}
            sentinel monitor streamrec 127.0.0.1 {master} 1
            sentinel down-after-milliseconds streamrec 2000
            sentinel failover-timeout streamrec 10000
            """
        );
        var process = new ServerProcess(
            Installed.OnPath("redis-sentinel") ?? throw new InvalidOperationException("no redis-sentinel on the path"),
            [file]
        );
        await process.SaysAsync("+slave", TimeSpan.FromSeconds(60));
        return new(process, port);
    }

    private sealed record RunningSentinel(ServerProcess Process, int Port) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }
}
