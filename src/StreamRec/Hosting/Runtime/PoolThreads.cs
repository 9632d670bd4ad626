using Microsoft.Extensions.Hosting;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Runtime;

/// <summary>
/// Leaves the pool one thread while events come singly and one can do the work, and as many as it had otherwise.
/// </summary>
/// <remarks>
/// A pool's thread that has found work wakes another one before it begins, since there may be more. At a low rate there
/// is not, and such wakes are half of the worker's context switches at 2,000 events/s;
/// docs/decisions/0009-runtime-settings.md says more. For a process that does nothing else: the pool is all of its.
/// Where a maximum is forced from outside, nothing changes.
/// </remarks>
internal sealed class PoolThreads(StatusBoard board, TimeProvider time) : BackgroundService
{
    // Records a batch, on average over the partitions: above it, batches gain more by running side by side than by
    // waking no one.
    private const int Few = 3;

    // Of a processor, by the whole process: beyond it, the one thread is most of the time busy.
    private const double Busy = 0.7;

    // Looks in a row that must find one enough; and more of them after the thread was held by something.
    private const int Calm = 4;
    private const int Held = 40;

    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks until cancelled; then the pool is as it was.</summary>
    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        ThreadPool.GetMinThreads(out var all, out var ports);
        if (all == 1)
        {
            return;
        }
        try
        {
            var (one, wanting) = (false, Calm);
            var before = Look();
            using var timer = new PeriodicTimer(s_every, time);
            while (await timer.WaitForNextTickAsync(stop))
            {
                var now = Look();
                var passed = time.GetElapsedTime(before.At, now.At);
                var enough = IsOneEnough(
                    (now.Cpu - before.Cpu) / passed,
                    now.Records - before.Records,
                    now.Steps - before.Steps
                );
                // This runs on the pool too: where it comes late, no thread was free.
                wanting =
                    passed > 2 * s_every ? Held
                    : enough ? Math.Max(0, wanting - 1)
                    : Math.Max(wanting, Calm);
                if (one != (wanting == 0))
                {
                    one = wanting == 0 && TryUseOne(ports);
                    if (!one)
                    {
                        ThreadPool.SetMinThreads(all, ports);
                    }
                }
                before = now;
            }
        }
        finally
        {
            ThreadPool.SetMinThreads(all, ports);
        }
    }

    /// <param name="used">CPU time of the process by time that passed.</param>
    /// <param name="records">What was worked meanwhile.</param>
    /// <param name="steps">In how many batches.</param>
    internal static bool IsOneEnough(double used, long records, long steps) =>
        steps > 0 && records <= steps * Few && used < Busy;

    private (long At, TimeSpan Cpu, long Records, long Steps) Look()
    {
        var (records, steps) = board.Worked;
        return (time.GetTimestamp(), Environment.CpuUsage.TotalTime, records, steps);
    }

    // The upper bound lowers what the pool aims at. It is lifted at once, so that the pool may add threads where one is
    // blocked.
    private static bool TryUseOne(int ports)
    {
        ThreadPool.GetMaxThreads(out var most, out var mostPorts);
        return ThreadPool.SetMinThreads(1, ports)
            && ThreadPool.SetMaxThreads(1, mostPorts)
            && ThreadPool.SetMaxThreads(most, mostPorts);
    }
}
