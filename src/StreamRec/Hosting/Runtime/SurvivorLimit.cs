using Microsoft.Extensions.Hosting;

namespace StreamRec.Hosting.Runtime;

/// <summary>
/// Bounds what has survived one collection and waits for the next to tell whether it is garbage. For a process that
/// does nothing but work: it forces collections of all that the process has.
/// </summary>
/// <remarks>
/// While the cache fills nearly all survives, and from that the collector concludes that it need not look again before
/// hundreds of MiB have gathered; of what is in flight later nothing survives. One look corrects it, so there are few.
/// </remarks>
internal sealed class SurvivorLimit(TimeProvider time) : BackgroundService
{
    private const int Survivors = 1;
    private const long MostBytes = 48 << 20;
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);

    /// <summary>Looks until cancelled.</summary>
    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            if (GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[Survivors].SizeAfterBytes > MostBytes)
            {
                GC.Collect(Survivors, GCCollectionMode.Forced, blocking: true);
            }
        }
    }
}
