using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamRec.Catalogue;
using StreamRec.Models.Towers;

namespace StreamRec.Towers;

/// <summary>What an item's facts are to a tower, as names: schemas/bundle.md.</summary>
public static partial class FeatureNames
{
    /// <summary>Of so many features pairs are made, the first by ordinal order.</summary>
    public const int MostPaired = 16;

    /// <summary>So many neighbouring buckets of a number are one in pairs.</summary>
    public const int BucketsOfPair = 4;

    /// <summary>Each once, in no order that says anything.</summary>
    public static IReadOnlyCollection<string> Of(ItemFacts facts, TowerFields fields)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var paired = new SortedSet<string>(StringComparer.Ordinal);
        void Both(string name)
        {
            names.Add(name);
            paired.Add(name);
        }
        foreach (var category in facts.Categories)
        {
            Both($"c:{category}");
        }
        if (fields.Pairs && facts.Categories.Distinct(StringComparer.Ordinal).Count() > 1)
        {
            Both(
                $"s:{string.Join('|', facts.Categories.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}"
            );
        }
        foreach (var (name, value) in facts.Attributes)
        {
            if (fields.NumberOf(name) is not { } field)
            {
                foreach (var text in value.AsTexts)
                {
                    Both($"a:{name}={text}");
                }
            }
            else if (NumberIn(value) is { } number)
            {
                var bucket = field.BucketOf(number);
                names.Add(OfBucket(name, bucket));
                paired.Add(string.Create(CultureInfo.InvariantCulture, $"n:{name}~{bucket / BucketsOfPair}"));
            }
        }
        if (fields.Pairs)
        {
            string[] of = [.. paired.Take(MostPaired)];
            for (var first = 0; first < of.Length; first++)
            {
                for (var second = first + 1; second < of.Length; second++)
                {
                    names.Add($"p:{of[first]}&{of[second]}");
                }
            }
        }
        if (fields.Title && facts.Title is { } title)
        {
            AddWords(title, names);
        }
        return names;
    }

    /// <summary>The name of a number's bucket.</summary>
    public static string OfBucket(string attribute, int bucket) =>
        string.Create(CultureInfo.InvariantCulture, $"n:{attribute}={bucket}");

    /// <summary>An attribute as a number, where it is one or is one text that would be one in JSON.</summary>
    public static double? NumberIn(AttributeValue value) =>
        value.Number
        ?? (
            value.Texts is [var text]
            && JsonNumber().IsMatch(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
                ? number
                : null
        );

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    // Letters and digits that stand together, in lower case.
    private static void AddWords(string title, HashSet<string> names)
    {
        var word = new StringBuilder();
        foreach (var rune in title.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune));
                continue;
            }
            Close();
        }
        Close();

        void Close()
        {
            if (word.Length > 0)
            {
                names.Add($"t:{word}");
                word.Clear();
            }
        }
    }
}
