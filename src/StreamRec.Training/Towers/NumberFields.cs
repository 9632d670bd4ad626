using StreamRec.Catalogue;
using StreamRec.Models.Towers;
using StreamRec.Towers;

namespace StreamRec.Training.Towers;

/// <summary>Which attributes count by buckets: those that nearly always are numbers, of many values.</summary>
internal static class NumberFields
{
    private const double LeastShare = 0.95;
    private const int LeastValues = 12;
    private const int Buckets = 24;

    public static IReadOnlyList<NumberField> Of(IReadOnlyList<ItemFacts?> facts)
    {
        var (numbers, others) = (
            new SortedDictionary<string, List<double>>(StringComparer.Ordinal),
            new List<string>()
        );
        foreach (
            var (name, value) in facts.SelectMany(one => one?.Attributes ?? new Dictionary<string, AttributeValue>())
        )
        {
            if (FeatureNames.NumberIn(value) is not { } number)
            {
                others.Add(name);
                continue;
            }
            if (!numbers.TryGetValue(name, out var own))
            {
                numbers[name] = own = [];
            }
            own.Add(number);
        }
        var not = others.GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count());
        return
        [
            .. numbers
                .Where(one => one.Value.Count >= LeastShare * (one.Value.Count + not.GetValueOrDefault(one.Key)))
                .Where(one => one.Value.Distinct().Count() >= LeastValues)
                .Select(one => new NumberField(one.Key, Edges(one.Value)))
                // Where nearly all have the least value there are no buckets, and it is as good as a text.
                .Where(field => field.Edges.Count > 0),
        ];
    }

    // As many items in each bucket, as far as equal numbers let them.
    private static double[] Edges(List<double> values)
    {
        values.Sort();
        return
        [
            .. Enumerable
                .Range(1, Buckets - 1)
                .Select(at => values[at * values.Count / Buckets])
                .Where(edge => edge > values[0])
                .Distinct(),
        ];
    }
}
