using StreamRec.Catalogue;

namespace StreamRec.Lists;

/// <summary>The lists that are no user's own, all of one model and one catalogue.</summary>
/// <param name="All">For whoever has no list, as it is published.</param>
/// <param name="Segments">For those of whom more is known.</param>
/// <param name="Catalogue">What they were made by; null without one.</param>
/// <param name="Promotion">That made the model live; 0: none did.</param>
public sealed record PopularLists(
    byte[] All,
    IReadOnlyList<SegmentList> Segments,
    CatalogueVersion? Catalogue,
    long Promotion = 0
);
