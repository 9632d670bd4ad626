using StreamRec.Models;

namespace StreamRec.Registry.Loading;

/// <summary>How much memory a model takes, docs/capacity.md, and whether there is as much.</summary>
internal static class MemoryNeed
{
    private const long Mebi = 1 << 20;

    /// <summary>Of the items, and of each graph that has their vectors in it; twice, for what loading takes.</summary>
    public static long Of(BundleManifest manifest)
    {
        long items = manifest.Items,
            dimension = manifest.Dimension;
        var graphs =
            manifest.TakesVectors ? 0
            : manifest.Files.ContainsKey(BundleFiles.Step) ? 2
            : 1;
        return 2 * (items * (10 * dimension + 90) + graphs * items * (4 * dimension + 8));
    }

    /// <summary>What this process may still take.</summary>
    public static long Free => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;

    /// <summary>What is told where it is too much; null: it fits.</summary>
    public static string? Fault(BundleManifest manifest, long free) =>
        Of(manifest) is var need && need <= free
            ? null
            : $"it needs some {(need + Mebi - 1) / Mebi} MiB more while it is loaded, and {Math.Max(0, free) / Mebi} "
                + "MiB are left: give the worker more memory, or promote a smaller model";
}
