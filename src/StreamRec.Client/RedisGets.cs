using StackExchange.Redis;

namespace StreamRec.Client;

/// <summary>What a key held, or why that is not known.</summary>
/// <param name="Value">Null too where the key is not there.</param>
/// <param name="Reason"><see cref="ListReason.None"/> where Redis answered.</param>
internal readonly record struct Got(RedisValue Value, ListReason Reason, Exception? Fault)
{
    public static Got Of(RedisValue value) => new(value, ListReason.None, null);
}

/// <summary>The time that one read may take, over all that it asks for.</summary>
internal readonly struct ReadLimit(TimeProvider time, TimeSpan limit)
{
    private readonly long _began = time.GetTimestamp();

    public TimeProvider Time => time;

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public TimeSpan Left => limit - Elapsed is { Ticks: > 0 } left ? left : TimeSpan.Zero;
}

/// <summary>GETs that end in time, and whose failures are answers.</summary>
internal sealed class RedisGets(IDatabase database)
{
    public Task<Got> GetAsync(RedisKey key, ReadLimit limit, CancellationToken cancel) =>
        AskAsync(key, default, limit, cancel);

    /// <param name="field">Of the hash under the key.</param>
    public Task<Got> GetFieldAsync(RedisKey key, RedisValue field, ReadLimit limit, CancellationToken cancel) =>
        AskAsync(key, field, limit, cancel);

    private async Task<Got> AskAsync(RedisKey key, RedisValue field, ReadLimit limit, CancellationToken cancel)
    {
        // While a server is away a connection that is not ours may keep calls until it is back.
        if (!database.IsConnected(key))
        {
            return Away;
        }
        Task<RedisValue> get;
        try
        {
            get = field.IsNull ? database.StringGetAsync(key) : database.HashGetAsync(key, field);
        }
        catch (RedisException fault)
        {
            return Failed(fault);
        }
        await SettleAsync(get, limit, cancel).ConfigureAwait(false);
        return Of(get);
    }

    /// <summary>All keys in one go: one flush to each server.</summary>
    public async Task<Got[]> GetManyAsync(RedisKey[] keys, ReadLimit limit, CancellationToken cancel)
    {
        var batch = database.CreateBatch();
        var gets = Array.ConvertAll(keys, key => database.IsConnected(key) ? batch.StringGetAsync(key) : null);
        Got? failed = null;
        try
        {
            batch.Execute();
        }
        catch (RedisException fault)
        {
            failed = Failed(fault);
        }
        if (failed is null)
        {
            await SettleAsync(Task.WhenAll(gets.OfType<Task>()), limit, cancel).ConfigureAwait(false);
        }
        return Array.ConvertAll(
            gets,
            get =>
                get is null ? Away
                : failed is { } all && !get.IsCompleted ? all
                : Of(get)
        );
    }

    private static Got Away => new(default, ListReason.Unreachable, null);

    private static async Task SettleAsync(Task asked, ReadLimit limit, CancellationToken cancel)
    {
        if (asked.IsCompleted)
        {
            return;
        }
        await asked.WaitAsync(limit.Left, limit.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!asked.IsCompleted)
        {
            // What fails too late is not looked at any more, and must not be called unobserved.
            _ = asked.ContinueWith(
                static late => late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
        cancel.ThrowIfCancellationRequested();
    }

    private static Got Of(Task<RedisValue> get) =>
        get.IsCompletedSuccessfully ? Got.Of(get.Result)
        : get.IsFaulted ? Failed(get.Exception.InnerException!)
        : new(default, ListReason.TimedOut, null);

    // The client's kinds have no base in common: a call that took too long is no RedisException.
    private static Got Failed(Exception fault) =>
        fault switch
        {
            TimeoutException => new(default, ListReason.TimedOut, fault),
            RedisServerException { Message: var told } when told.Contains("WRONGTYPE", StringComparison.Ordinal) => new(
                default,
                ListReason.Unreadable,
                fault
            ),
            RedisException or RedisCommandException => new(default, ListReason.Unreachable, fault),
            _ => throw fault,
        };
}
