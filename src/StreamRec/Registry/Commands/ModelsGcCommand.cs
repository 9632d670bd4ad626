using System.CommandLine;
using System.Text.Json;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Settings;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models gc`.</summary>
internal static class ModelsGcCommand
{
    public static Command Create()
    {
        var keep = new Option<string>("--keep")
        {
            Description = "For how long what was pushed or promoted stays: 30d, 12h.",
            DefaultValueFactory = _ => "30d",
        };
        var yes = new Option<bool>("--yes") { Description = "Delete; else say what would be deleted." };
        return ModelsCommand.With(
            "gc",
            "Delete bundles that nobody needs: not live, staged, previous, young, loaded, or named by a list.",
            [keep, yes],
            async (parsed, place, json, cancel) =>
            {
                if (SettingValue.Read(typeof(TimeSpan), parsed.GetValue(keep)!, out var age) is { } advice)
                {
                    throw new StreamRecException($"--keep is '{parsed.GetValue(keep)}': {advice}", FaultKind.Usage);
                }
                var now = TimeProvider.System.GetUtcNow();
                // First, since it takes longest; the rest is read again before each deletion.
                var named = await place.NamedModelsAsync(cancel);
                var listing = await ModelsListCommand.ReadAsync(place, cancel);
                var reasons = new Dictionary<RegisteredBundle, string?>();
                var done = parsed.GetValue(yes);
                foreach (var bundle in listing.Bundles)
                {
                    var history = await place.Pointer.HistoryAsync(cancel);
                    listing = await ModelsListCommand.ReadAgainAsync(place, listing, cancel);
                    var reason = reasons[bundle] = Reason(bundle, listing, history, named, now - (TimeSpan)age!);
                    var what = reason is null ? (done ? "deleted" : "would be deleted") : $"kept: {reason}";
                    Console.Error.WriteLine($"{bundle.Stored.Short} of model {bundle.ModelId} {what}.");
                    if (reason is null && done)
                    {
                        await place.Bundles.DeleteAsync(bundle.Digest, cancel);
                    }
                }
                if (done)
                {
                    await place.Reports.ForgetAsync(now, cancel);
                }
                if (json)
                {
                    Console.WriteLine(Json(reasons, done));
                }
            }
        );
    }

    /// <summary>Why a bundle is kept; null: nobody needs it.</summary>
    internal static string? Reason(
        RegisteredBundle bundle,
        ModelsListing listing,
        IReadOnlyList<PastPromotion> history,
        IReadOnlySet<string> named,
        DateTimeOffset oldest
    ) =>
        bundle.Digest == listing.Pointer.Live?.Digest ? "live"
        : bundle.Digest == listing.Pointer.Staged?.Digest ? "staged"
        : bundle.Digest == listing.Previous?.Digest ? "previous"
        : listing.Workers.Any(worker => worker.Has(bundle.Digest)) ? "loaded by a worker"
        : bundle.Stored.Pushed >= oldest ? "pushed lately"
        : history.Any(past => past.Digest == bundle.Digest && past.At >= oldest.ToUnixTimeMilliseconds())
            ? "promoted lately"
        : named.Contains(bundle.ModelId) ? "named by lists that are there"
        : null;

    internal static string Json(IReadOnlyDictionary<RegisteredBundle, string?> reasons, bool done) =>
        JsonSerializer.Serialize(
            new
            {
                done,
                kept = reasons
                    .Where(one => one.Value is not null)
                    .Select(one => new
                    {
                        digest = one.Key.Digest,
                        model = one.Key.ModelId,
                        reason = one.Value,
                    }),
                deleted = reasons
                    .Where(one => one.Value is null)
                    .Select(one => new { digest = one.Key.Digest, model = one.Key.ModelId }),
            }
        );
}
