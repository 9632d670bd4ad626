using StreamRec.Evaluation;
using StreamRec.Models;

namespace StreamRec.Training.Baselines;

/// <summary>
/// The cosines of an item's categories with those of the last events, summed; a category weighs ln(1 + N/items with
/// it).
/// </summary>
/// <param name="last">Events that are asked.</param>
internal sealed class ContentRanker(string name, TrainingPart part, int last) : ScoredRanker(name, part)
{
    private readonly ItemCategories _categories =
        part.Categories ?? throw new ArgumentException("Items have no categories.", nameof(part));

    private readonly float[] _weights = Weights(part.Categories, part.Items);

    protected override Scorer Open()
    {
        var profile = new float[_weights.Length];
        return (in RankingCase asked, Span<float> scores) =>
        {
            Array.Clear(profile);
            var history = asked.History.Span;
            for (var age = 0; age < Math.Min(last, history.Length); age++)
            {
                var item = history[^(age + 1)];
                var length = Length(item);
                foreach (var category in _categories.Of(item))
                {
                    profile[category] += _weights[category] / length;
                }
            }
            for (var item = 1; item < scores.Length; item++)
            {
                var sum = 0f;
                foreach (var category in _categories.Of(item))
                {
                    sum += profile[category] * _weights[category];
                }
                scores[item] = sum == 0 ? 0 : sum / Length(item);
            }
        };
    }

    private float Length(int item)
    {
        var squares = 0f;
        foreach (var category in _categories.Of(item))
        {
            squares += _weights[category] * _weights[category];
        }
        return MathF.Sqrt(squares);
    }

    private static float[] Weights(ItemCategories categories, int items)
    {
        var with = new int[categories.Names.Count];
        for (var item = 1; item <= items; item++)
        {
            foreach (var category in categories.Of(item))
            {
                with[category]++;
            }
        }
        // One that all items have says little, but is not nothing: else a shop of one category had no lengths.
        return [.. with.Select(count => MathF.Log(1 + (items / (float)Math.Max(1, count))))];
    }
}
