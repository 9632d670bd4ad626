using System.CommandLine;
using StreamRec.Registry.Pointers;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models list`.</summary>
internal static class ModelsListCommand
{
    public static Command Create() =>
        ModelsCommand.With(
            "list",
            "List the registry's bundles, which of them is live, staged and was before, and what each worker serves.",
            [],
            async (_, place, json, cancel) =>
            {
                var listing = await ReadAsync(place, cancel);
                Console.WriteLine(json ? listing.ToJson() : listing.ToText());
            }
        );

    internal static async Task<ModelsListing> ReadAsync(ModelsPlace place, CancellationToken cancel) =>
        await ReadAgainAsync(
            place,
            new(place.Bundles.Name, new(null, null), null, await place.Bundles.ListAsync(cancel), []),
            cancel
        );

    /// <summary>What is live, staged, was before, and the workers; the bundles are those of before.</summary>
    internal static async Task<ModelsListing> ReadAgainAsync(
        ModelsPlace place,
        ModelsListing listing,
        CancellationToken cancel
    )
    {
        var pointer = await place.Pointer.ReadAsync(cancel);
        return listing with
        {
            Pointer = pointer,
            Previous = pointer.Live is { } live
                ? ModelsRollbackCommand.Previous(await place.Pointer.HistoryAsync(cancel), live)
                : null,
            Workers = await place.Reports.ReadAsync(cancel),
        };
    }
}
