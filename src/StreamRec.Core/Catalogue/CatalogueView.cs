using StreamRec.Lists;

namespace StreamRec.Catalogue;

/// <summary>The catalogue as of one record: immutable. A batch takes one at its start, and all its lists name
/// it.</summary>
/// <param name="Version">The last record that is in it; null: no catalogue is followed.</param>
/// <param name="Eligible">What lists may hold.</param>
public sealed record CatalogueView(CatalogueVersion? Version, EligibleItems Eligible)
{
    /// <summary>Without a catalogue: every item of the model may be listed.</summary>
    public static readonly CatalogueView None = new(null, EligibleItems.All);
}
