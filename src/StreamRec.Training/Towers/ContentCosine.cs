using StreamRec.Catalogue;
using StreamRec.Models.Towers;
using StreamRec.Towers;

namespace StreamRec.Training.Towers;

/// <summary>
/// The cosines of an item's features with those of the user's last items, summed; a feature weighs ln(1 + N/items with
/// it). What a shop has without any model.
/// </summary>
public sealed class ContentCosine
{
    private const int Last = 5;

    private readonly Dictionary<string, float>[] _of;

    /// <param name="facts">Of all items, by index; null: nothing is known.</param>
    public ContentCosine(IReadOnlyList<ItemFacts?> facts, TowerFields fields)
    {
        var plain = fields with { Pairs = false };
        var names = facts.Select(one => one is null ? [] : FeatureNames.Of(one, plain)).ToArray();
        var with = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names.SelectMany(own => own))
        {
            with[name] = with.GetValueOrDefault(name) + 1;
        }
        _of = Array.ConvertAll(
            names,
            own =>
            {
                var weights = own.ToDictionary(name => name, name => MathF.Log(1 + (facts.Count / (float)with[name])));
                var length = MathF.Sqrt(weights.Values.Sum(weight => weight * weight));
                return weights.ToDictionary(one => one.Key, one => one.Value / length);
            }
        );
    }

    /// <summary>What the features of the last items of a history are, together.</summary>
    public IReadOnlyDictionary<string, float> ProfileOf(ReadOnlySpan<int> history)
    {
        var profile = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var item in history[Math.Max(0, history.Length - Last)..])
        {
            foreach (var (name, weight) in _of[item])
            {
                profile[name] = profile.GetValueOrDefault(name) + weight;
            }
        }
        return profile;
    }

    /// <summary>How alike an item is.</summary>
    public float ScoreOf(int item, IReadOnlyDictionary<string, float> profile)
    {
        var sum = 0f;
        foreach (var (name, weight) in _of[item])
        {
            sum += weight * profile.GetValueOrDefault(name);
        }
        return sum;
    }
}
