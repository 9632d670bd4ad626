using StackExchange.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Registry.Pointers;

/// <summary>The workers that are there, as they say themselves.</summary>
internal sealed class WorkerReports(IDatabase redis, ModelKeys keys, RedisSettings server)
{
    /// <summary>A worker that has not reported for longer is not there.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    // The names of those that are long gone are not needed.
    private static readonly TimeSpan s_forgotten = TimeSpan.FromHours(1);

    /// <exception cref="StreamRecException">Redis does not answer, or refuses.</exception>
    public Task WriteAsync(WorkerReport report, DateTimeOffset now, CancellationToken cancel) =>
        AskedAsync(
            async () =>
            {
                await Task.WhenAll(
                    // As the worker's other writes: the client's own call is SETEX, another right.
                    redis.ExecuteAsync(
                        "SET",
                        keys.Worker(report.Id),
                        report.ToJson(),
                        "PX",
                        (long)Life.TotalMilliseconds
                    ),
                    redis.HashSetAsync(keys.Workers, report.Id, now.ToUnixTimeMilliseconds())
                );
                return true;
            },
            cancel
        );

    /// <exception cref="StreamRecException">Redis does not answer, or refuses.</exception>
    public Task<IReadOnlyList<WorkerReport>> ReadAsync(CancellationToken cancel) =>
        AskedAsync<IReadOnlyList<WorkerReport>>(
            async () =>
            {
                var ids = await redis.HashKeysAsync(keys.Workers);
                var reports = await Task.WhenAll(ids.Select(id => redis.StringGetAsync(keys.Worker((string)id!))));
                return
                [
                    .. reports
                        .Where(report => report.HasValue)
                        .Select(report => WorkerReport.Parse((string)report!))
                        .OfType<WorkerReport>()
                        .OrderBy(report => report.Name, StringComparer.Ordinal),
                ];
            },
            cancel
        );

    /// <summary>Forgets the names of workers that are long gone.</summary>
    public Task ForgetAsync(DateTimeOffset now, CancellationToken cancel) =>
        AskedAsync(
            async () =>
            {
                var old = (now - s_forgotten).ToUnixTimeMilliseconds();
                var gone = (await redis.HashGetAllAsync(keys.Workers)).Where(worker => (long)worker.Value < old);
                return await redis.HashDeleteAsync(keys.Workers, [.. gone.Select(worker => worker.Name)]);
            },
            cancel
        );

    private Task<T> AskedAsync<T>(Func<Task<T>> ask, CancellationToken cancel) =>
        RedisRefusal.AskedAsync(server, ask).WaitAsync(cancel);
}
