using StreamRec.Catalogue;
using StreamRec.Lists;
using StreamRec.Serving;

namespace StreamRec.Similar;

/// <summary>What is most like each item of a model, as it is published: lists of no user, by what may be listed at a
/// time.</summary>
public static class SimilarLists
{
    /// <param name="lease">Held until the last list is made.</param>
    /// <param name="size">Items of a list, 1 to <see cref="SimilarItems.MostItems"/>.</param>
    /// <param name="nowMs">Milliseconds since 1970.</param>
    public static IEnumerable<(string ItemId, byte[] List)> Of(
        ModelLease lease,
        CatalogueView catalogue,
        int size,
        long nowMs,
        CancellationToken cancel
    )
    {
        var model = lease.Model;
        var ids = model.Bundle.ItemIds;
        int[] withheld = [.. Enumerable.Range(1, ids.Length - 1).Where(item => !Listed(item))];
        using var similar = new SimilarItems(model.Bundle, withheld);
        var made = new Provenance(
            ListKinds.Similar,
            model.Bundle.Manifest.ModelId,
            null,
            null,
            model.OptionsHash,
            nowMs,
            catalogue.Version,
            Promotion: lease.Promotion
        );
        foreach (var list in similar.All(size, cancel))
        {
            yield return (ids[list.Item], ListJson.Write(made, list.Similar, list.Scores, model.ItemTexts));
        }
        bool Listed(int item) => catalogue.Eligible.Holds(ids[item], nowMs);
    }
}
