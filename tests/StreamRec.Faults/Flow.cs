using System.Diagnostics;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults;

/// <summary>What most rows share: traffic all the while, a fault amid it, then rest.</summary>
internal static class Flow
{
    public const int Events = 3000;
    public const double PerSecond = 300;

    /// <summary>
    /// Traffic until the fault is done and at least so many events are sent; the time from its end until every
    /// partition moved on.
    /// </summary>
    public static async Task<TimeSpan> AmidAsync(
        Stage stage,
        Func<Task> fault,
        int events = Events,
        double perSecond = PerSecond
    )
    {
        using var stop = new CancellationTokenSource();
        var traffic = stage.Traffic.SendAsync(int.MaxValue, perSecond, stop.Token);
        TimeSpan recovered;
        try
        {
            await stage.WorkingAsync(events / 20);
            await fault();
            recovered = await MovedOnAsync(stage);
            await Wait.UntilAsync($"{events} events are sent", () => stage.Traffic.Sent >= events, Stage.Limit);
        }
        finally
        {
            await stop.CancelAsync();
            // Also where the fault failed: its producer may not be taken from under it.
            await traffic;
        }
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return recovered;
    }

    /// <summary>The time until every partition has moved on.</summary>
    private static async Task<TimeSpan> MovedOnAsync(Stage stage)
    {
        var clock = Stopwatch.StartNew();
        var before = await stage.Oracle.NextAsync();
        await Wait.UntilAsync(
            "every partition moves on",
            async () =>
            {
                try
                {
                    return (await stage.Oracle.NextAsync()).Zip(before).All(pair => pair.First > pair.Second);
                }
                catch (StackExchange.Redis.RedisException)
                {
                    return false;
                }
            },
            Stage.Limit
        );
        return clock.Elapsed;
    }

    /// <summary>
    /// A fault lasts while so many more events are sent: the length is that of the traffic, whatever the machine's
    /// speed.
    /// </summary>
    public static Task WhileSentAsync(this Stage stage, int events)
    {
        var before = stage.Traffic.Sent;
        return Wait.UntilAsync(
            $"{events} more events are sent",
            () => stage.Traffic.Sent >= before + events,
            Stage.Limit
        );
    }

    /// <summary>The line of a fail point that stopped its worker.</summary>
    public static async Task<string> StoppedAsync(ServerProcess worker, string point)
    {
        await worker.SaysAsync($"fail point {point}", Stage.Limit);
        await Wait.UntilAsync("the worker stands still", () => worker.IsStopped, Stage.Limit);
        return worker
            .Output.Split('\n')
            .Last(line => line.StartsWith($"fail point {point}", StringComparison.Ordinal))
            .Trim();
    }

    /// <summary>Waits until a worker says something, and takes it as what was observed.</summary>
    public static async Task SeenAsync(this Stage stage, ServerProcess worker, string text, string meaning)
    {
        await worker.SaysAsync(text, Stage.Limit);
        stage.Observe(meaning);
    }
}
