using System.Globalization;

namespace StreamRec.Bench;

/// <summary>
/// How much of the cores' time a virtual machine's host gave to others: what no build can do anything about.
/// </summary>
internal sealed class StolenTime
{
    private const string Source = "/proc/stat";

    // user, nice, system, idle, iowait, irq, softirq, steal: guests' time is in the first two.
    private const int Kinds = 8,
        Steal = 7;

    private readonly long[] _before = Read();

    /// <summary>Percent since this was made; null where the system does not tell.</summary>
    public double? Percent
    {
        get
        {
            var passed = Read().Zip(_before, (now, before) => now - before).ToArray();
            return passed.Length == Kinds && passed.Sum() > 0
                ? Math.Round(100.0 * passed[Steal] / passed.Sum(), 1)
                : null;
        }
    }

    private static long[] Read() =>
        File.Exists(Source)
            ?
            [
                .. File.ReadLines(Source)
                    .First()
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Skip(1)
                    .Take(Kinds)
                    .Select(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)),
            ]
            : [];
}
