using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Hosting.Start;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Registry;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>Where a worker's models come from that serves what is promoted.</summary>
internal sealed partial class RegistryPart : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>Partitions that are asked which settings their states are pinned to.</summary>
    private const int Asked = 256;

    private readonly WorkOptions _options;
    private readonly ConnectionMultiplexer _redis;
    private readonly BundleRegistry _bundles;
    private readonly BundleCache _cache;
    private readonly ModelPointer _pointer;
    private readonly WorkerReports _reports;
    private readonly WorkerReport _self;
    private readonly StatusBoard _board;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ModelSource? _source;
    private LivePointer? _first;
    private ModelWatch? _watch;

    private RegistryPart(
        WorkOptions options,
        ConnectionMultiplexer redis,
        StatusBoard board,
        TimeProvider time,
        ILogger log
    )
    {
        (_options, _redis, _board, _time, _log) = (options, redis, board, time, log);
        var (database, server, keys) = (redis.GetDatabase(), options.RedisSettings(), new ModelKeys(options.Prefix));
        _bundles = BundleRegistry.Open(options.Registry, database, options.Prefix, server);
        _cache = new BundleCache(
            options.RegistryCache.Length > 0 ? options.RegistryCache : BundleCache.DefaultRoot,
            _bundles,
            time
        );
        _pointer = new ModelPointer(database, keys, server);
        _reports = new WorkerReports(database, keys, server);
        _self = new()
        {
            Id = Guid.NewGuid().ToString("N"),
            Host = Environment.MachineName,
            Pid = Environment.ProcessId,
            Topic = options.Topic,
            Group = options.Group,
        };
    }

    /// <returns>Null where a bundle was given by hand.</returns>
    /// <exception cref="StreamRecException">Redis does not answer in time, or refuses; or the registry is
    /// none.</exception>
    public static async Task<RegistryPart?> OpenAsync(
        WorkOptions options,
        StatusBoard board,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        if (options.Registry.Length == 0)
        {
            return null;
        }
        var redis = await new StartRetry(options.StartTimeout, time, log).RunAsync(
            () => RedisConnection.ConnectAsync(options.RedisSettings(), failFast: true, stop),
            stop
        );
        try
        {
            return new RegistryPart(options, redis, board, time, log);
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads what is promoted; waits where nothing is yet.</summary>
    /// <exception cref="StreamRecException">It cannot be loaded.</exception>
    public async Task<ModelPart> FirstAsync(WorkMetrics metrics, CancellationToken stop)
    {
        _first = await PromotedAsync(stop);
        var (promotion, id) = (_first.Promotion, _first.Model);
        _board.Watch(() => new(0, null, null, 0, 0, 0, 0, 0, $"model {id} of promotion {promotion} is loading"));
        var kept = _options.Kept > 0 ? 0 : await AskedAsync(PinnedKeptAsync, stop);
        _source = new ModelSource(_cache, new ModelLoader(_options, kept));
        return new ModelPart(
            await new StartRetry(_options.StartTimeout, _time, _log).RunAsync(
                () => _source.LoadAsync(_first.Digest, stop),
                stop
            ),
            _first.Promotion,
            _options,
            metrics,
            _time,
            _log
        );
    }

    /// <summary>Begins to follow the pointer, with all that follows the model.</summary>
    /// <returns>Follows until cancelled.</returns>
    public Func<CancellationToken, Task> Follow(
        ModelPart model,
        CataloguePart? catalogue,
        RedisPart redis,
        PartitionsPart partitions
    )
    {
        void Live(ServedModel served, long promotion)
        {
            foreach (var worker in partitions.Workers)
            {
                worker.ModelReady(promotion);
            }
            _board.Show(served);
        }
        var keys = new StoreKeys(_options.Prefix);
        var shared = new SharedKeys(redis.Database, keys);
        _watch = new ModelWatch(
            model,
            _first!,
            _source!,
            _bundles,
            _pointer,
            _reports,
            _self,
            new(
                partitions.Workers.Count,
                (next, stop) =>
                    AskedAsync(
                        () => redis.Database.StringSetAsync(keys.Options(next.ListOptions.Hash), next.ListOptions.Text),
                        stop
                    ),
                Live,
                stop => PublishAsync(model, catalogue, shared, stop)
            ),
            _options.KeepPrevious,
            _time,
            _log
        );
        Live(model.Served, _first!.Promotion);
        _board.Watch(() => _watch.Status);
        return _watch.RunAsync;
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.DisposeAsync();
        }
        await _redis.DisposeAsync();
    }

    private static async Task<bool> PublishAsync(
        ModelPart model,
        CataloguePart? catalogue,
        SharedKeys shared,
        CancellationToken stop
    )
    {
        if (catalogue is not null)
        {
            catalogue.ModelChanged();
            return true;
        }
        try
        {
            await shared.WriteAsync(model.Popular()).WaitAsync(stop);
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }

    // While nothing is promoted the worker is there, and says so: whoever promotes sees it.
    private async Task<LivePointer> PromotedAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_look, _time);
        var told = false;
        do
        {
            try
            {
                if ((await _pointer.ReadAsync(stop)).Live is { } live)
                {
                    return live;
                }
                await _reports.WriteAsync(_self, _time.GetUtcNow(), stop);
            }
            catch (StreamRecException fault) when (fault.Transient)
            {
                StartRetry.LogWaiting(_log, fault.Message);
            }
            if (!told)
            {
                LogNothing(_log, _options.Registry);
                _board.Watch(() =>
                    new(0, null, null, 0, 0, 0, 0, 0, "nothing is promoted yet: `streamrec models promote`")
                );
                told = true;
            }
        } while (await timer.WaitForNextTickAsync(stop));
        throw new OperationCanceledException(stop);
    }

    // K of the states that are there: what the first model needs may be less, or more, than what they were made with.
    private async Task<int> PinnedKeptAsync()
    {
        var (database, keys) = (_redis.GetDatabase(), new StoreKeys(_options.Prefix));
        var hashes = await Task.WhenAll(
            Enumerable
                .Range(0, Asked)
                .Select(p => database.HashGetAsync(keys.Meta(new(_options.Topic, p, "", 0, "")), "settings"))
        );
        return
            hashes.FirstOrDefault(hash => hash.HasValue) is { HasValue: true } hash
            && (string?)await database.StringGetAsync(keys.Settings((string)hash!)) is { } text
            && Kept().Match(text) is { Success: true } kept
            ? int.Parse(kept.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : 0;
    }

    private Task<T> AskedAsync<T>(Func<Task<T>> ask, CancellationToken stop) =>
        RedisRefusal.AskedAsync(_options.RedisSettings(), ask).WaitAsync(stop);

    [GeneratedRegex(@"(?:^| )Kept=([0-9]{1,5})(?: |$)")]
    private static partial Regex Kept();

    [LoggerMessage(
        55,
        LogLevel.Warning,
        "Nothing is promoted yet: waiting for `streamrec models promote`, of a bundle in the registry {Registry}."
    )]
    private static partial void LogNothing(ILogger log, string registry);
}
