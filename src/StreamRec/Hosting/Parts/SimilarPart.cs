using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Kafka;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
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

    /// <summary>Writes until cancelled: at first, and whenever another model is live.</summary>
    public async Task PublishAsync(CancellationToken stop)
    {
        Bundle? written = null;
        using var timer = new PeriodicTimer(s_look, time);
        do
        {
            using var lease = model.Lease();
            if (lease.Model.Bundle != written && await TryWriteAsync(lease.Model, stop))
            {
                written = lease.Model.Bundle;
            }
        } while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>What tells that all of a model's lists are written.</summary>
    internal static string Mark(BundleManifest manifest, int size)
    {
        var files = new HashedText(string.Join('\n', manifest.Files.Select(file => $"{file.Key} {file.Value}")));
        return $"{manifest.ModelId} {files.Hash} {size}";
    }

    private async Task<bool> TryWriteAsync(Serving.ServingModel live, CancellationToken stop)
    {
        var mark = Mark(live.Bundle.Manifest, options.SimilarItems);
        try
        {
            if (await redis.Database.StringGetAsync(_keys.SimilarMark).WaitAsync(stop) == mark)
            {
                LogThere(log, live.Bundle.Manifest.ModelId);
                return true;
            }
            var begun = time.GetTimestamp();
            var lists = SimilarLists.Of(
                live,
                model.Catalogue,
                model.ListOptions.Hash,
                options.SimilarItems,
                time.GetUtcNow().ToUnixTimeMilliseconds()
            );
            using var chunks = lists.Chunk(Together).GetEnumerator();
            // On a thread of its own: pool threads are for those who wait for an event.
            while (await Blocking.RunAsync(chunks.MoveNext).WaitAsync(stop))
            {
                await Task.WhenAll(
                        chunks.Current.Select(one =>
                            redis.Database.StringSetAsync(_keys.Similar(one.ItemId), (RedisValue)one.List)
                        )
                    )
                    .WaitAsync(stop);
            }
            await redis.Database.StringSetAsync(_keys.SimilarMark, mark).WaitAsync(stop);
            LogWritten(log, live.Bundle.Manifest.Items, time.GetElapsedTime(begun).TotalSeconds);
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }

    [LoggerMessage(60, LogLevel.Information, "What is most like each of {Items} items was written in {Seconds:F1} s")]
    private static partial void LogWritten(ILogger log, int items, double seconds);

    [LoggerMessage(61, LogLevel.Information, "What is most like each item of model {Model} is there already")]
    private static partial void LogThere(ILogger log, string model);
}
