using System.Globalization;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Serving;

namespace StreamRec.Hosting.Start;

/// <summary>Where a worker is told otherwise than its bundle was trained.</summary>
internal static class BundleDoubts
{
    public static IEnumerable<string> Of(BundleManifest manifest, ServingOptions options)
    {
        if (manifest.Types is { } trained && !options.Types.SetEquals(trained))
        {
            yield return $"the bundle was trained on {TypeNames.Told(trained)}, "
                + $"and this worker takes {TypeNames.Told(options.Types)}: "
                + "give `work` and `train` the same --types (here "
                + $"{(trained.Count == 0 ? "none" : string.Join(",", trained))})";
        }
        if (options.ExcludeSeen == true && manifest is { ExcludeSeen: false, RepeatShare: { } share })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"ExcludeSeen is true, and {100 * share:F1} % of the next events that the bundle was trained on "
                    + $"are of seen items: no list can hold those"
            );
        }
        if (options.Dial > 0 && !manifest.Files.ContainsKey(BundleFiles.Categories))
        {
            yield return "Dial is turned, and the bundle has no categories: it varies lists by likeness and popularity "
                + "alone, and brings their categories no nearer to a user's. Train with `--items FILE`";
        }
        if (options.Dial > 0 && !manifest.Files.ContainsKey(BundleFiles.Counts))
        {
            yield return "Dial is turned, and the bundle has no counts: it does not see how popular an item is";
        }
    }
}
