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
        var there = await reports.ReadAsync(cancel);
        // Those that wait for a first promotion have no partition.
        var working = there.Where(worker => worker.Promotion > 0).ToList();
        var unready = working.FindAll(worker => !worker.Has(bundle.Digest));
        var asks = about.Kind == Kinds.Promote && !force;
        if (unready.Count > 0 && asks)
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
        if (asks && topic.Length > 0 && there.All(worker => worker.Topic != topic))
        {
            await RefuseUnpromotedAsync(cancel);
        }
        var began = time.GetTimestamp();
        LivePointer? made = null;
        try
        {
            made = await pointer.PromoteAsync(
                live?.Promotion ?? 0,
                bundle.Digest,
                bundle.Model,
                about.By,
                about.Why,
                about.Kind,
                cancel
            );
            var ready = working.Except(unready).ToList();
            var (behind, gone) = await FollowedAsync(ready, made, mayRefuse: !asks, cancel);
            var done = await SealAsync(partitions, made.Promotion, cancel);
            return new(
                made,
                about.Kind,
                ready.Count - behind.Count - gone.Count,
                [.. unready.Concat(behind)],
                gone,
                done,
                time.GetElapsedTime(began)
            );
        }
        catch (Exception fault) when (made is not null || fault is not StreamRecException { Kind: FaultKind.Input })
        {
            throw Unsealed(bundle.Digest, made, force, fault);
        }
    }

    // Whatever stops a promotion behind the pointer is mended by the promotion of the same bundle, also of a rollback.
    private static StreamRecException Unsealed(string digest, LivePointer? made, bool force, Exception fault) =>
        new(
            (made is null ? $"a promotion of {digest} may be" : $"promotion {made.Promotion} of {digest} is")
                + $" set, and not every partition is sealed: run `streamrec models promote {digest}"
                + $"{(force ? " --force" : "")}`. Until then lists of an earlier model may still be written. "
                + (fault is OperationCanceledException ? "It was stopped." : fault.Message),
            fault is StreamRecException own ? own.Kind : FaultKind.Failure,
            fault
        );

    private async Task<int> SealAsync(Dictionary<string, int> partitions, long promotion, CancellationToken cancel)
    {
        var seals = new PartitionSeals(redis, new StoreKeys(prefix));
        var done = 0;
        foreach (var (of, count) in partitions)
        {
            var unclaimed = await seals.SealAsync(of, [.. Enumerable.Range(0, count)], promotion, cancel);
            done += count - unclaimed.Count;
        }
        return done;
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
    private async Task<(List<WorkerReport> Behind, List<WorkerReport> Gone)> FollowedAsync(
        List<WorkerReport> ready,
        LivePointer made,
        bool mayRefuse,
        CancellationToken cancel
    )
    {
        var followed = new HashSet<string>();
        var behind = ready;
        using var timer = new PeriodicTimer(s_look, time);
        var began = time.GetTimestamp();
        do
        {
            try
            {
                var there = await reports.ReadAsync(cancel);
                followed.UnionWith(
                    there.Where(worker => worker.Promotion >= made.Promotion).Select(worker => worker.Id)
                );
                behind =
                [
                    .. there.Where(worker => ready.Exists(one => one.Id == worker.Id) && !followed.Contains(worker.Id)),
                ];
            }
            catch (StreamRecException) when (time.GetElapsedTime(began) <= s_limit)
            {
                // Whether they have gone over is seen later; the seal does not depend on it.
                continue;
            }
            var refused = behind.FindAll(worker =>
                worker.Asked == made.Digest && worker.State == WorkerReport.Refused && !worker.Has(made.Digest)
            );
            if (refused.Count > 0 && !mayRefuse)
            {
                throw new StreamRecException(
                    $"No partition was sealed, since workers that were ready are not: {Names(refused, made.Digest)}. "
                        + "Mend that, or go back with `streamrec models rollback`.",
                    FaultKind.Input
                );
            }
            if (behind.Count == 0 || time.GetElapsedTime(began) > s_limit)
            {
                break;
            }
        } while (await timer.WaitForNextTickAsync(cancel));
        return (
            behind,
            ready.FindAll(one => !followed.Contains(one.Id) && !behind.Exists(worker => worker.Id == one.Id))
        );
    }

    // Whoever works these was given a bundle by hand, and would stand for ever.
    private async Task RefuseUnpromotedAsync(CancellationToken cancel)
    {
        var metas = await MetasAsync(["claim", "promotion"], cancel);
        int[] claimed =
        [
            .. Enumerable
                .Range(0, metas.Length)
                .Where(p => metas[p][0].TryParse(out long claim) && claim > 0)
                .Where(p => !metas[p][1].TryParse(out long promotion) || promotion == 0),
        ];
        if (claimed.Length > 0)
        {
            throw new StreamRecException(
                $"Partitions {string.Join(", ", claimed)} of topic '{topic}' were worked without a promotion, and no "
                    + "worker with --registry runs: workers with --bundle would wait on them for ever. Start the "
                    + "workers with --registry first, or give --force.",
                FaultKind.Input
            );
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
    private async Task<int> CountAsync(CancellationToken cancel) =>
        (await MetasAsync(["partitions"], cancel)).Max(meta => meta[0].TryParse(out int known) ? known : 0);

    private Task<RedisValue[][]> MetasAsync(RedisValue[] fields, CancellationToken cancel)
    {
        var keys = new StoreKeys(prefix);
        return RedisRefusal
            .AskedAsync(
                server,
                () =>
                    Task.WhenAll(
                        Enumerable
                            .Range(0, Asked)
                            .Select(p => redis.HashGetAsync(keys.Meta(new(topic, p, "", 0, "")), fields))
                    )
            )
            .WaitAsync(cancel);
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
/// <param name="Gone">Those that were ready, and were not seen any more before they had gone over.</param>
/// <param name="Sealed">Partitions.</param>
/// <param name="Took">From the pointer to the last seal.</param>
internal sealed record Promotion(
    LivePointer Live,
    string Kind,
    int Followed,
    IReadOnlyList<WorkerReport> Behind,
    IReadOnlyList<WorkerReport> Gone,
    int Sealed,
    TimeSpan Took
);
