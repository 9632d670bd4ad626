using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Hosting.Start;
using StreamRec.Kafka;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Serving;
using StreamRec.Similar;

namespace StreamRec.Hosting.Parts;

/// <summary>
/// Writes, for pages that show an item, what is most like each item of the model: once a model, beside the work.
/// Workers of one model write the same; who comes to find it all written writes nothing.
/// </summary>
internal sealed partial class SimilarPart(
    ModelPart model,
    RedisPart redis,
    WorkOptions options,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>Lists that are sent together.</summary>
    private const int Together = 256;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly StoreKeys _keys = new(options.Prefix);
    private bool _doubted;

    /// <summary>Writes until cancelled: at first, and whenever another model is live.</summary>
    public async Task PublishAsync(CancellationToken stop)
    {
        Bundle? written = null;
        using var timer = new PeriodicTimer(s_look, time);
        do
        {
            using var lease = model.Lease();
            if (lease.Model.Bundle != written && await TryWriteAsync(lease, stop))
            {
                written = lease.Model.Bundle;
            }
        } while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>What tells that all of a model's lists are written, by these options.</summary>
    internal static string Mark(BundleManifest manifest, string options, int size)
    {
        var files = new HashedText(string.Join('\n', manifest.Files.Select(file => $"{file.Key} {file.Value}")));
        return $"{manifest.ModelId} {files.Hash} {options} {size}";
    }

    private async Task<bool> TryWriteAsync(ModelLease lease, CancellationToken stop)
    {
        var manifest = lease.Model.Bundle.Manifest;
        var mark = Mark(manifest, model.ListOptions.Hash, options.SimilarItems);
        try
        {
            if (await redis.Database.StringGetAsync(_keys.SimilarMark).WaitAsync(stop) == mark)
            {
                LogThere(log, manifest.ModelId);
                return true;
            }
            var begun = time.GetTimestamp();
            // Whoever ends in between leaves no mark, so all is written again.
            await redis.Database.KeyDeleteAsync(_keys.SimilarMark).WaitAsync(stop);
            if (!await WriteAllAsync(lease, stop))
            {
                return false;
            }
            await redis.Database.StringSetAsync(_keys.SimilarMark, mark).WaitAsync(stop);
            LogWritten(log, manifest.Items, time.GetElapsedTime(begun).TotalSeconds);
            _doubted = false;
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            if (!_doubted)
            {
                DoubtLog.Tell(log, $"lists of similar items cannot be written, which is tried again: {fault.Message}");
            }
            _doubted = true;
            return false;
        }
    }

    /// <returns>False where another model has become live meanwhile.</returns>
    private async Task<bool> WriteAllAsync(ModelLease lease, CancellationToken stop)
    {
        var catalogue = model.Catalogue;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var lists = SimilarLists.Of(lease, catalogue, options.SimilarItems, now, stop);
        var shared = new SharedKeys(redis.Database, _keys);
        using var chunks = lists.Chunk(Together).GetEnumerator();
        // On a thread of its own: pool threads are for those who wait for an event. It sees by itself when to stop, for
        // what it searches is given back behind it.
        while (await Blocking.RunAsync(chunks.MoveNext))
        {
            await Task.WhenAll(
                    chunks.Current.Select(one =>
                        shared.WriteSimilarAsync(one.ItemId, one.List, catalogue.Version, lease.Promotion)
                    )
                )
                .WaitAsync(stop);
            using var live = model.Lease();
            if (live.Model != lease.Model)
            {
                return false;
            }
        }
        return true;
    }

    [LoggerMessage(60, LogLevel.Information, "What is most like each of {Items} items was written in {Seconds:F1} s")]
    private static partial void LogWritten(ILogger log, int items, double seconds);

    [LoggerMessage(61, LogLevel.Information, "What is most like each item of model {Model} is there already")]
    private static partial void LogThere(ILogger log, string model);
}
