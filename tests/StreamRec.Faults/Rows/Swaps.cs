using System.Globalization;
using StackExchange.Redis;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Store;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Serving.Probes;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>The row about models: one after another becomes live, while workers die, stand still, lose Redis.</summary>
internal static class Swaps
{
    public const int Number = 40;

    private const double PerSecond = 500;

    /// <summary>So many swaps between one fault and the next.</summary>
    private const int Between = 10;

    private const double GrowthMiB = 32;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>Swaps of a run; a thousand take some twenty minutes.</summary>
    public static int Count { get; set; } = 60;

    public static IEnumerable<Row> Rows =>
        [new(Number, "models swapped under traffic, with a worker killed, stopped, and Redis paused", SwapAsync)];

    private static async Task<TimeSpan> SwapAsync(Stage stage)
    {
        var directory = Directory.CreateTempSubdirectory("streamrec-swaps-");
        try
        {
            string[] bundles =
            [
                stage.Bundle,
                BundleVariants.Half(stage.Bundle, directory.FullName),
                BundleVariants.Turned(stage.Bundle, directory.FullName),
            ];
            stage.Models = new ModelLists(bundles);
            var registry = Path.Combine(directory.FullName, "registry");
            stage.Settings = stage.Settings with
            {
                Registry = registry,
                Environment = new Dictionary<string, string>(stage.Settings.Environment)
                {
                    ["STREAMREC__REGISTRYCACHE"] = Path.Combine(directory.FullName, "cache"),
                    ["STREAMREC__KEEPPREVIOUS"] = "2s",
                    ["MALLOC_ARENA_MAX"] = "2",
                },
            };
            return await SwapAsync(stage, new Operator(stage, registry), bundles);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<TimeSpan> SwapAsync(Stage stage, Operator promoting, string[] bundles)
    {
        var models = new List<RegisteredBundle>();
        foreach (var bundle in bundles)
        {
            models.Add(await promoting.PushAsync(bundle));
        }
        await promoting.PromoteAsync(models[0], force: false);
        var (port, otherPort) = (Ports.Free(), Ports.Free());
        var steady = await StartedAsync(stage, port);
        var other = await StartedAsync(stage, otherPort);
        var verdict = new Verdict();
        using var over = new CancellationTokenSource();
        var reading = ReadAsync(stage, promoting, verdict, over.Token);
        var (memory, outdated, longest) = (new List<double>(), 0L, TimeSpan.Zero);
        var recovered = await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var swap = 1; swap <= Count; swap++)
                {
                    var next = models[swap % models.Count];
                    if (swap % Between != 0)
                    {
                        await promoting.StageAsync(next);
                        var took = (await promoting.PromoteAsync(next, force: false)).Took;
                        longest = took > longest ? took : longest;
                    }
                    else
                    {
                        // Since its start: counted once, as it ends.
                        var sinceStart = await MetricAsync(otherPort, "streamrec_steps_outdated_total");
                        var before = other;
                        other = await FaultAsync(stage, promoting, other, otherPort, next, swap / Between);
                        outdated += other == before ? 0 : sinceStart;
                    }
                    memory.Add(steady.ResidentMiB);
                    await stage.WhileSentAsync((int)(PerSecond / 5));
                }
                outdated += await MetricAsync(otherPort, "streamrec_steps_outdated_total");
                outdated += await MetricAsync(port, "streamrec_steps_outdated_total");
                await Wait.UntilAsync(
                    "all but the live model are given back",
                    async () =>
                        await MetricAsync(port, "streamrec_model_sessions_made_total")
                        == await MetricAsync(port, "streamrec_model_sessions_ended_total") + 1,
                    Stage.Limit
                );
            },
            perSecond: PerSecond
        );
        await over.CancelAsync();
        await reading;
        stage.Models!.Take(await ListsAsync(stage), promoting.Sealed, verdict);
        var growth = memory[(2 * Count / 3)..].Average() - memory[(Count / 3)..(2 * Count / 3)].Average();
        Require(verdict.Holds, string.Join("; ", verdict.Faults.Take(3)));
        Require(outdated > 0, "no step was answered OUTDATED");
        Require(growth <= GrowthMiB, $"a worker grew by {growth:F0} MiB over the last third of the swaps");
        Require(
            stage.Models.Models.Count == models.Count,
            $"lists of {stage.Models.Models.Count} models alone were seen"
        );
        stage.Observe(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Count} swaps, promote at most {longest.TotalMilliseconds:F0} ms; {stage.Models.Read} lists read; "
                    + $"{outdated} steps OUTDATED; {growth:F0} MiB grown, {memory[^1]:F0} at the end"
            )
        );
        return recovered;
    }

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new InvalidOperationException(fault);
        }
    }

    private static Task<ServerProcess> StartedAsync(Stage stage, int port) =>
        stage.StartedAsync(null, "--metrics", $"127.0.0.1:{port}");

    /// <summary>A swap amid a fault.</summary>
    /// <returns>The worker that may be killed next.</returns>
    private static async Task<ServerProcess> FaultAsync(
        Stage stage,
        Operator promoting,
        ServerProcess other,
        int port,
        RegisteredBundle next,
        int number
    )
    {
        switch (number % 3)
        {
            case 0:
                await stage.KillAsync(other);
                await promoting.PromoteAsync(next, force: true);
                stage.Observe("killed");
                return await StartedAsync(stage, port);
            case 1:
                // It stands still while partitions are sealed that it has, and goes on before it knows.
                other.Pause();
                await promoting.SealedAtOnceAsync(next);
                other.Resume();
                stage.Observe("stopped over a seal");
                return other;
            default:
                stage.Redis.Process.Pause();
                var promotion = promoting.PromoteAsync(next, force: true);
                await stage.WhileSentAsync((int)PerSecond / 2);
                stage.Redis.Process.Resume();
                await promotion;
                stage.Observe("Redis paused");
                return other;
        }
    }

    private static async Task ReadAsync(Stage stage, Operator promoting, Verdict verdict, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            // Before the lists are read, and after those that are compared with.
            var sealedFor = promoting.Sealed;
            try
            {
                stage.Models!.Take(await ListsAsync(stage), sealedFor, verdict);
            }
            catch (Exception fault) when (fault is RedisException or TimeoutException)
            {
                // It stands still.
            }
            await Task.WhenAny(Task.Delay(s_look, over));
        }
    }

    private static async Task<List<KeyValuePair<string, string>>> ListsAsync(Stage stage)
    {
        var prefix = $"{stage.Name}:list:";
        var server = stage.Database.Multiplexer.GetServers().First(one => !one.IsReplica);
        var keys = new List<RedisKey>();
        await foreach (var key in server.KeysAsync(pattern: $"{prefix}*", pageSize: 1000))
        {
            keys.Add(key);
        }
        var lists = await stage.Database.StringGetAsync([.. keys]);
        return
        [
            .. keys.Zip(lists)
                .Where(list => list.Second.HasValue)
                .Select(list => KeyValuePair.Create($"{list.First}"[prefix.Length..], (string)list.Second!)),
        ];
    }

    // 0 where the worker, or the figure, is not there yet.
    private static async Task<long> MetricAsync(int port, string name)
    {
        using var http = new HttpClient();
        try
        {
            var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
            return (long)
                text.Split('\n')
                    .Where(line => line.StartsWith(name, StringComparison.Ordinal))
                    .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>Who pushes, stages and promotes, as `streamrec models` does.</summary>
    private sealed class Operator(Stage stage, string registry)
    {
        private readonly BundleRegistry _bundles = new(new DirectoryStore(registry));
        private long _sealed;

        /// <summary>What all partitions are sealed for.</summary>
        public long Sealed => Interlocked.Read(ref _sealed);

        private ModelPointer Pointer => new(stage.Database, new(stage.Name), Server);

        private WorkerReports Reports => new(stage.Database, new(stage.Name), Server);

        private RedisSettings Server => new(stage.Redis.Address);

        public async Task<RegisteredBundle> PushAsync(string bundle)
        {
            using var loaded = new ModelLoader(new WorkOptions()).LoadTried(bundle, long.MaxValue);
            var (digest, _) = await _bundles.PushAsync(bundle, loaded.Manifest, ProbeRun.Make(loaded.Model), default);
            return await _bundles.FindAsync(digest, default);
        }

        public async Task StageAsync(RegisteredBundle bundle)
        {
            await Pointer.StageAsync(bundle.Digest, bundle.ModelId, "row", default);
            IReadOnlyList<WorkerReport> reports = [];
            await Wait.UntilAsync(
                "all workers are ready",
                async () =>
                    (reports = await Reports.ReadAsync(default)).All(worker =>
                        worker.Promotion == 0 || worker.Has(bundle.Digest)
                    ),
                Stage.Limit,
                () => string.Join('\n', reports.Select(report => report.ToJson()))
            );
        }

        public async Task<Promotion> PromoteAsync(RegisteredBundle bundle, bool force)
        {
            var promoter = new Promoter(
                stage.Database,
                stage.Name,
                Server,
                stage.Settings.Topic,
                Pointer,
                Reports,
                TimeProvider.System
            );
            var live = (await Pointer.ReadAsync(default)).Live;
            var kind = force ? Kinds.Rollback : Kinds.Promote;
            var done = await promoter.RunAsync(
                (bundle.Digest, bundle.ModelId),
                live,
                ("row", "", kind),
                force,
                default
            );
            Interlocked.Exchange(ref _sealed, done.Live.Promotion);
            return done;
        }

        /// <summary>As a promotion whose workers do not go over in time.</summary>
        public async Task SealedAtOnceAsync(RegisteredBundle bundle)
        {
            var live = (await Pointer.ReadAsync(default)).Live!;
            var (digest, model) = (bundle.Digest, bundle.ModelId);
            var made = await Pointer.PromoteAsync(live.Promotion, digest, model, "row", "", Kinds.Promote, default);
            var seals = new PartitionSeals(stage.Database, new StoreKeys(stage.Name));
            int[] partitions = [.. Enumerable.Range(0, Stage.Partitions)];
            await seals.SealAsync(stage.Settings.Topic, partitions, made.Promotion, default);
            Interlocked.Exchange(ref _sealed, made.Promotion);
        }
    }
}
