using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Store;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Pointers;

/// <summary>
/// Takes workers over to a model: the pointer, then the workers, then a seal on every partition, behind which no list
/// of an earlier promotion is written any more.
/// </summary>
/// <param name="topic">Of the partitions, where no worker is there to name it.</param>
internal sealed class Promoter(
    IDatabase redis,
    string prefix,
    RedisSettings server,
    string topic,
    ModelPointer pointer,
    WorkerReports reports,
    TimeProvider time
)
{
    /// <summary>A worker that was ready and does not go over for longer is left behind the seal.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Partitions that are asked how many there are.</summary>
    private const int Asked = 256;

    /// <param name="live">What the caller saw live; null: nothing.</param>
    /// <param name="kind">Of <see cref="PastPromotion"/>: only a <c>promote</c> wants workers ready.</param>
    /// <param name="force">Also where workers are not ready.</param>
    /// <exception cref="StreamRecException">Workers are not ready, another was promoted meanwhile, or Redis does not
    /// answer.</exception>
    public async Task<Promotion> RunAsync(
        (string Digest, string Model) bundle,
        LivePointer? live,
        (string By, string Why, string Kind) about,
        bool force,
        CancellationToken cancel
    )
    {
        // Those that wait for a first promotion have no partition.
        var working = (await reports.ReadAsync(cancel)).Where(worker => worker.Promotion > 0).ToList();
        var unready = working.FindAll(worker => !worker.Has(bundle.Digest));
        if (unready.Count > 0 && about.Kind == Kinds.Promote && !force)
        {
            throw new StreamRecException(
                $"{unready.Count} of {working.Count} workers are not ready for bundle "
                    + $"{bundle.Digest[..BundleDigest.Short]}: {Names(unready, bundle.Digest)}. Stage it first "
                    + $"(`streamrec models stage {bundle.Digest[..BundleDigest.Short]}`) and see `streamrec models "
                    + "list`, or give --force: partitions of such a worker then stand until it has the model.",
                FaultKind.Input
            );
        }
        var partitions = await PartitionsAsync(working, cancel);
        var began = time.GetTimestamp();
        var made = await pointer.PromoteAsync(
            live?.Promotion ?? 0,
            bundle.Digest,
            bundle.Model,
            about.By,
            about.Why,
            about.Kind,
            cancel
        );
        var behind = await FollowedAsync(working.Except(unready), made.Promotion, cancel);
        var seals = new PartitionSeals(redis, new StoreKeys(prefix));
        var done = 0;
        foreach (var (of, count) in partitions)
        {
            var all = Enumerable.Range(0, count).ToArray();
            var unclaimed = await seals.SealAsync(of, all, made.Promotion, cancel);
            done += count - unclaimed.Count;
        }
        return new(
            made,
            about.Kind,
            working.Count - unready.Count - behind.Count,
            [.. unready.Concat(behind)],
            done,
            time.GetElapsedTime(began)
        );
    }

    /// <summary>Workers by name, with what each says of the bundle.</summary>
    public static string Names(IEnumerable<WorkerReport> workers, string digest) =>
        string.Join(
            "; ",
            workers.Select(worker =>
                worker.Name
                + (
                    worker.Asked != digest ? " was not asked for it"
                    : worker.State == WorkerReport.Refused ? $" refused it: {Told(worker.Reason)}"
                    : " is loading it"
                )
            )
        );

    // A path and what is wrong with it: more than a line's length.
    private static string Told(string? reason) => Excerpt.Whole(System.Text.Encoding.UTF8.GetBytes(reason ?? ""));

    // The workers that said that they were ready, until all of them that are still there have gone over.
    private async Task<List<WorkerReport>> FollowedAsync(
        IEnumerable<WorkerReport> ready,
        long promotion,
        CancellationToken cancel
    )
    {
        var ids = ready.Select(worker => worker.Id).ToHashSet();
        using var timer = new PeriodicTimer(s_look, time);
        var began = time.GetTimestamp();
        while (true)
        {
            var behind = (await reports.ReadAsync(cancel))
                .Where(worker => ids.Contains(worker.Id) && worker.Promotion < promotion)
                .ToList();
            if (behind.Count == 0 || time.GetElapsedTime(began) > s_limit)
            {
                return behind;
            }
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    private async Task<Dictionary<string, int>> PartitionsAsync(List<WorkerReport> workers, CancellationToken cancel)
    {
        var known = workers
            .Where(worker => worker.Partitions > 0)
            .GroupBy(worker => worker.Topic)
            .ToDictionary(of => of.Key, of => of.Max(worker => worker.Partitions));
        if (topic.Length > 0 && !known.ContainsKey(topic))
        {
            known[topic] = await CountAsync(cancel);
        }
        return known.Count > 0
            ? known
            : throw new StreamRecException(
                "--topic is missing, and no worker runs that says which topic it works: give the topic of the events, "
                    + "whose partitions are sealed.",
                FaultKind.Usage
            );
    }

    // Any partition that was ever claimed knows how many there are; where none was, there is nothing to seal.
    private async Task<int> CountAsync(CancellationToken cancel)
    {
        var keys = new StoreKeys(prefix);
        var counts = await RedisRefusal
            .AskedAsync(
                server,
                () =>
                    Task.WhenAll(
                        Enumerable
                            .Range(0, Asked)
                            .Select(p => redis.HashGetAsync(keys.Meta(new(topic, p, "", 0, "")), "partitions"))
                    )
            )
            .WaitAsync(cancel);
        return counts.Max(count => count.TryParse(out int known) ? known : 0);
    }
}

/// <summary>What <see cref="PastPromotion.Kind"/> may be.</summary>
internal static class Kinds
{
    public const string Promote = "promote",
        Rollback = "rollback";
}

/// <summary>What became of a promotion.</summary>
/// <param name="Followed">Workers that have gone over.</param>
/// <param name="Behind">Those that have not: their partitions stand until they do.</param>
/// <param name="Sealed">Partitions.</param>
/// <param name="Took">From the pointer to the last seal.</param>
internal sealed record Promotion(
    LivePointer Live,
    string Kind,
    int Followed,
    IReadOnlyList<WorkerReport> Behind,
    int Sealed,
    TimeSpan Took
);
