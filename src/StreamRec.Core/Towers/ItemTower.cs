using System.Numerics.Tensors;
using StreamRec.Catalogue;
using StreamRec.Models.Towers;

namespace StreamRec.Towers;

/// <summary>
/// Makes of an item's facts the vector and the bias that a model has of the items it was trained on. Immutable, safe
/// for any number of threads.
/// </summary>
/// <remarks>
/// The same facts give the same bits everywhere: rows are added in float32, one number at a time and in ascending
/// order, and nothing is multiplied.
/// </remarks>
public sealed class ItemTower
{
    private readonly TowerRows _tower;
    private readonly Dictionary<string, int> _rows;

    public ItemTower(TowerRows tower)
    {
        _tower = tower;
        var features = tower.Manifest.Features;
        _rows = new Dictionary<string, int>(features.Count, StringComparer.Ordinal);
        for (var at = 0; at < features.Count; at++)
        {
            _rows.Add(features[at], at + 1);
        }
    }

    /// <summary>D.</summary>
    public int Dimension => _tower.Dimension;

    /// <summary>Writes the vector of an item.</summary>
    /// <param name="vector">D numbers.</param>
    /// <returns>Its bias.</returns>
    public float Embed(ItemFacts facts, Span<float> vector)
    {
        var names = FeatureNames.Of(facts, _tower.Manifest.Fields);
        var rows = new List<int>(names.Count);
        foreach (var name in names)
        {
            if (_rows.TryGetValue(name, out var row))
            {
                rows.Add(row);
            }
        }
        rows.Sort();
        var (d, bias) = (Dimension, Row(0)[^1]);
        Row(0)[..d].CopyTo(vector);
        foreach (var row in rows)
        {
            TensorPrimitives.Add(vector[..d], Row(row)[..d], vector);
            bias += Row(row)[^1];
        }
        return bias;
    }

    /// <summary>
    /// How new items' scores are laid beside those of known ones; between two rows of the table on a straight line,
    /// outside of them as its nearest row says.
    /// </summary>
    /// <param name="share">Above 0, to 1.</param>
    public TowerShare At(double share)
    {
        var table = _tower.Manifest.Shares;
        var next = 0;
        while (next < table.Count && table[next].Share < share)
        {
            next++;
        }
        if (next == 0 || next == table.Count)
        {
            return table[Math.Min(next, table.Count - 1)] with { Share = share };
        }
        var (low, high) = (table[next - 1], table[next]);
        var part = (float)((share - low.Share) / (high.Share - low.Share));
        return new(share, low.Gamma + (part * (high.Gamma - low.Gamma)), low.Beta + (part * (high.Beta - low.Beta)));
    }

    private ReadOnlySpan<float> Row(int row) =>
        _tower.Values.AsSpan(row * (_tower.Dimension + 1), _tower.Dimension + 1);
}
