using StreamRec.Lists;
using StreamRec.Serving.Views;

namespace StreamRec.Telemetry.Status;

/// <summary>The catalogue that is followed.</summary>
/// <param name="Version">The last record that lists know of; null before it was read to its end.</param>
/// <param name="Items">Items that it has.</param>
/// <param name="Unreadable">Records that could not be read, since the worker started.</param>
/// <param name="Age">How long ago all of it was last known to be read.</param>
internal sealed record CatalogueStatus(CatalogueVersion? Version, int Items, long Unreadable, TimeSpan Age)
{
    /// <summary>Items that the model was not trained on, and lists may hold.</summary>
    public NewItemCounts NewItems { get; init; }

    public static readonly CatalogueStatus NotRead = new(null, 0, 0, TimeSpan.Zero);
}
