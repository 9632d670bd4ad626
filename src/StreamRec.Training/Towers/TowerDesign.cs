using System.Numerics.Tensors;
using StreamRec.Catalogue;
using StreamRec.Models.Towers;
using StreamRec.Towers;

namespace StreamRec.Training.Towers;

/// <summary>
/// Which features each item has, as the columns of a matrix X: an item's vector is the sum of its columns' rows of W.
/// </summary>
/// <remarks>
/// A number in bucket k has the columns of all buckets to k, so that each stands for a step from the one below, and
/// neighbouring buckets come out alike; in the bundle they are added up.
/// </remarks>
internal sealed class TowerDesign
{
    private const int MostFeatures = 30_000;
    private const int LeastItems = 2,
        LeastItemsOfPair = 3;
    private const float PairPenalty = 2;

    private readonly TowerFields _fields;
    private readonly string[] _names;
    private readonly List<int>[] _steps;
    private readonly int[] _starts;
    private readonly int[] _columns;

    public TowerDesign(IReadOnlyList<ItemFacts?> facts, TowerFields fields)
    {
        _fields = fields;
        var ofItem = facts.Select(one => one is null ? [] : FeatureNames.Of(one, fields)).ToArray();
        var steps = StepNames(fields);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in ofItem.SelectMany(names => names))
        {
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }
        // The commonest, and of equally common ones the first by name.
        _names =
        [
            .. counts
                .Where(one =>
                    !steps.ContainsKey(one.Key) && one.Value >= (IsPair(one.Key) ? LeastItemsOfPair : LeastItems)
                )
                .OrderByDescending(one => one.Value)
                .ThenBy(one => one.Key, StringComparer.Ordinal)
                .Take(MostFeatures)
                .Select(one => one.Key)
                .Order(StringComparer.Ordinal),
        ];
        var index = _names.Select((name, at) => (name, at)).ToDictionary(one => one.name, one => one.at + 1);
        Columns = _names.Length + 1;
        _steps = new List<int>[fields.Numbers.Count];
        for (var field = 0; field < _steps.Length; field++)
        {
            _steps[field] = [.. Enumerable.Range(Columns, fields.Numbers[field].Edges.Count + 1)];
            Columns += _steps[field].Count;
        }
        (_starts, var columns) = (new int[facts.Count + 1], new List<int>());
        for (var item = 0; item < facts.Count; item++)
        {
            columns.Add(0);
            foreach (var name in ofItem[item].Order(StringComparer.Ordinal))
            {
                if (index.TryGetValue(name, out var column))
                {
                    columns.Add(column);
                }
                else if (steps.TryGetValue(name, out var step))
                {
                    columns.AddRange(_steps[step.Field].Take(step.Bucket + 1));
                }
            }
            _starts[item + 1] = columns.Count;
        }
        _columns = [.. columns];
        Penalties = new float[Columns];
        for (var column = 1; column < Columns; column++)
        {
            Penalties[column] = column <= _names.Length && IsPair(_names[column - 1]) ? PairPenalty : 1;
        }
    }

    /// <summary>Columns of X.</summary>
    public int Columns { get; }

    /// <summary>How dear a column's row is, beside the others'; 0 of the one that all items have.</summary>
    public float[] Penalties { get; }

    /// <summary>An item's columns.</summary>
    public ReadOnlySpan<int> Of(int item) => _columns.AsSpan(_starts[item].._starts[item + 1]);

    /// <summary>The sum of an item's rows.</summary>
    public void Sum(int item, ReadOnlySpan<float> rows, Span<float> sum)
    {
        sum.Clear();
        foreach (var column in Of(item))
        {
            TensorPrimitives.Add(sum, rows.Slice(column * sum.Length, sum.Length), sum);
        }
    }

    /// <summary>Adds numbers to all rows of an item.</summary>
    public void Scatter(int item, ReadOnlySpan<float> numbers, Span<float> rows)
    {
        foreach (var column in Of(item))
        {
            var row = rows.Slice(column * numbers.Length, numbers.Length);
            TensorPrimitives.Add(row, numbers, row);
        }
    }

    /// <summary>The features' names in ordinal order and their rows, behind the one that all items have.</summary>
    /// <param name="wide">Numbers of a row.</param>
    public (string[] Names, float[] Values) ToRows(ReadOnlySpan<float> rows, int wide)
    {
        var all = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        for (var at = 0; at < _names.Length; at++)
        {
            all[_names[at]] = rows.Slice((at + 1) * wide, wide).ToArray();
        }
        for (var field = 0; field < _steps.Length; field++)
        {
            var sum = new float[wide];
            for (var bucket = 0; bucket < _steps[field].Count; bucket++)
            {
                TensorPrimitives.Add(sum, rows.Slice(_steps[field][bucket] * wide, wide), sum);
                all[FeatureNames.OfBucket(_fields.Numbers[field].Name, bucket)] = [.. sum];
            }
        }
        return ([.. all.Keys], [.. rows[..wide], .. all.Values.SelectMany(row => row)]);
    }

    private static bool IsPair(string name) =>
        name.StartsWith("p:", StringComparison.Ordinal) || name.StartsWith("s:", StringComparison.Ordinal);

    private static Dictionary<string, (int Field, int Bucket)> StepNames(TowerFields fields) =>
        fields
            .Numbers.SelectMany(
                (number, field) =>
                    Enumerable
                        .Range(0, number.Edges.Count + 1)
                        .Select(bucket => (Name: FeatureNames.OfBucket(number.Name, bucket), field, bucket))
            )
            .ToDictionary(one => one.Name, one => (one.field, one.bucket), StringComparer.Ordinal);
}
