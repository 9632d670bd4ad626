using System.Diagnostics;
using StreamRec.TestServers;

namespace StreamRec.Faults;

/// <summary>What most rows share: traffic all the while, a fault amid it, then rest.</summary>
internal static class Flow
{
    public const int Events = 3000;
    public const double PerSecond = 300;

    /// <summary>Traffic while the fault is done, then the time from its end until all is worked.</summary>
    public static async Task<TimeSpan> AmidAsync(Stage stage, Func<Task> fault, int events = Events, double perSecond = PerSecond)
    {
        var traffic = stage.Traffic.SendAsync(events, perSecond);
        await stage.WorkingAsync(events / 20);
        await fault();
        var healed = Stopwatch.StartNew();
        var backlog = await stage.Oracle.NextAsync();
        // Recovered: every partition that had something to do has moved on.
        await Wait.UntilAsync("every partition moves on", async () =>
        {
            try
            {
                var now = await stage.Oracle.NextAsync();
                return traffic.IsCompleted || now.Zip(backlog).All(pair => pair.First > pair.Second);
            }
            catch (StackExchange.Redis.RedisException)
            {
                return false;
            }
        }, Stage.Limit);
        var recovered = healed.Elapsed;
        await traffic;
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return recovered;
    }

    /// <summary>The line of a fail point that stopped its worker.</summary>
    public static async Task<string> StoppedAsync(ServerProcess worker, string point)
    {
        await worker.SaysAsync($"fail point {point}", Stage.Limit);
        await Wait.UntilAsync("the worker stands still", () => worker.IsStopped, Stage.Limit);
        return worker.Output.Split('\n').Last(line => line.StartsWith($"fail point {point}", StringComparison.Ordinal)).Trim();
    }

    /// <summary>Waits until a worker says something, and takes it as what was observed.</summary>
    public static async Task SeenAsync(this Stage stage, ServerProcess worker, string text, string meaning)
    {
        await worker.SaysAsync(text, Stage.Limit);
        stage.Observe(meaning);
    }
}
