using StreamRec.Catalogue;
using StreamRec.Models;
using StreamRec.Towers;

namespace StreamRec.Serving.Views;

/// <summary>Vectors of a bundle's tower, with the weights of a share.</summary>
internal sealed class TowerVectors : IItemVectors
{
    private readonly ItemTower _tower;

    private TowerVectors(ItemTower tower, double share)
    {
        _tower = tower;
        var at = tower.At(share);
        Weights = (at.Gamma, at.Beta);
    }

    public (float Gamma, float Beta) Weights { get; }

    /// <summary>
    /// Null where new items get no share, or the bundle has no tower, or its encoder looks items up by itself: then
    /// there is nothing that it could be fed of a new one.
    /// </summary>
    public static TowerVectors? Of(Bundle bundle, float share) =>
        share > 0 && bundle is { Tower: { } tower, Manifest.TakesVectors: true }
            // As it is written: 0.05 is a row of the table.
            ? new TowerVectors(new ItemTower(tower), (double)(decimal)share)
            : null;

    public float Embed(ItemFacts facts, Span<float> vector) => _tower.Embed(facts, vector);
}
