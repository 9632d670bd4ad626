using Microsoft.Extensions.Hosting;

namespace StreamRec.Work;

/// <summary>Leaves the pool one thread while events come singly and one can do the work, and as many as there are processors otherwise.</summary>
/// <remarks>
/// A pool's thread that has found work wakes another one before it begins, since there may be more. At a low rate there is not, and each piece of work
/// costs two more context switches: half of the worker's at 2,000 events/s. docs/performance-history.md has the figures.
/// For a process that does nothing else: the pool is all of its, and others may block it.
/// </remarks>
internal sealed class PoolThreads(RecommendationService service, TimeProvider time) : BackgroundService
{
    // Records a batch, above which batches gain more by running side by side than by waking no one.
    private const int Few = 3;

    // Of a processor: beyond it, work waits for the thread.
    private const double Busy = 0.7;

    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks until cancelled; then the pool is as it was.</summary>
    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        ThreadPool.GetMinThreads(out var all, out _);
        try
        {
            var before = Look();
            using var timer = new PeriodicTimer(s_every, time);
            while (await timer.WaitForNextTickAsync(stop))
            {
                var now = Look();
                var used = (now.Cpu - before.Cpu) / time.GetElapsedTime(before.At, now.At);
                Aim(IsOneEnough(used, now.Records - before.Records, now.Steps - before.Steps) ? 1 : all);
                before = now;
            }
        }
        finally
        {
            Aim(all);
        }
    }

    /// <param name="used">CPU time of the process by time that passed.</param>
    /// <param name="records">What was worked meanwhile.</param>
    /// <param name="steps">In how many batches.</param>
    internal static bool IsOneEnough(double used, long records, long steps) => steps > 0 && records <= steps * Few && used < Busy;

    private (long At, TimeSpan Cpu, long Records, long Steps) Look()
    {
        var counters = service.Workers.Select(worker => worker.Counters).ToArray();
        return (time.GetTimestamp(), Environment.CpuUsage.TotalTime, counters.Sum(one => one.Records), counters.Sum(one => one.Steps));
    }

    // The upper bound lowers what the pool aims at. It is lifted at once, so that the pool may add threads where some are blocked; those are let go the next time.
    private static void Aim(int threads)
    {
        ThreadPool.GetMinThreads(out _, out var ports);
        ThreadPool.GetMaxThreads(out var most, out var mostPorts);
        if (ThreadPool.SetMinThreads(threads, ports) && ThreadPool.SetMaxThreads(threads, mostPorts))
        {
            ThreadPool.SetMaxThreads(most, mostPorts);
        }
    }
}
