using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>A command of the product as a process, beside a store that may be failing over.</summary>
internal sealed class WorkerProcess(IEnumerable<string> arguments)
    : ServerProcess("dotnet", [Path.Combine(AppContext.BaseDirectory, "streamrec.dll"), .. arguments])
{
    /// <summary>The arguments of a worker on a cluster.</summary>
    public static string[] Arguments(
        string bootstrap,
        RedisCluster cluster,
        string prefix,
        string topic,
        string bundle,
        params string[] further
    ) =>
        [
            "work",
            "--bundle",
            bundle,
            "--topic",
            topic,
            "--group",
            "clustered",
            "--bootstrap",
            bootstrap,
            "--redis",
            cluster.Address,
            "--prefix",
            prefix,
            "--list-size",
            $"{WorkerSettings.ListSize}",
            "--set",
            "TopicIds=false",
            "--set",
            "BatchRecords=16",
            .. further,
        ];

    public static WorkerProcess Work(
        string bootstrap,
        RedisCluster cluster,
        string prefix,
        string topic,
        string bundle
    ) => new(Arguments(bootstrap, cluster, prefix, topic, bundle));

    /// <summary>Waits for the thing itself; fails at once if the process ends before.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan limit) =>
        Wait.UntilAsync(
            what,
            async () =>
                await HoldsAsync(holds)
                || (
                    HasExited
                        ? throw new InvalidOperationException(
                            $"The worker ended before this: {what}. It said: {Output}"
                        )
                        : false
                ),
            limit,
            () => $"The worker said: {Output}"
        );

    /// <summary>Asks for a clean end (SIGTERM) and returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Terminate();
        return await ExitAsync(TimeSpan.FromMinutes(1));
    }

    // A store that is failing over refuses the test's own questions too.
    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (Exception fault) when (fault is StackExchange.Redis.RedisException or TimeoutException)
        {
            return false;
        }
    }
}
