using System.Text.Json;
using StreamRec.Events;

namespace StreamRec.Catalogue;

/// <summary>
/// Which of a catalogue's items lists may hold, by what their records say: immutable, and a pure function of a record.
/// </summary>
public sealed class ItemFilter
{
    // The settings' names.
    private const string AllowedCategories = nameof(AllowedCategories),
        DeniedCategories = nameof(DeniedCategories),
        AttributeRanges = nameof(AttributeRanges);

    /// <summary>All.</summary>
    public static readonly ItemFilter None = new([], [], []);

    private readonly HashSet<string> _allowed;
    private readonly HashSet<string> _denied;
    private readonly AttributeRange[] _ranges;

    private ItemFilter(HashSet<string> allowed, HashSet<string> denied, AttributeRange[] ranges) =>
        (_allowed, _denied, _ranges) = (allowed, denied, ranges);

    /// <summary>Whether all items pass, whatever is said of them.</summary>
    public bool IsNone => _allowed.Count + _denied.Count + _ranges.Length == 0;

    /// <summary>Whether it goes by categories.</summary>
    public bool IsOfCategories => _allowed.Count + _denied.Count > 0;

    /// <summary>All of it, by the names of the settings; empty where all items pass.</summary>
    public string Text =>
        string.Join(
            ' ',
            new[]
            {
                Named(AllowedCategories, _allowed),
                Named(DeniedCategories, _denied),
                Named(AttributeRanges, _ranges.Select(range => range.Text)),
            }.Where(text => text.Length > 0)
        );

    /// <summary>Reads a filter as people write it, commas between.</summary>
    /// <param name="allowed">Categories of which an item must have one; empty: it need have none.</param>
    /// <param name="denied">Categories of which it must have none.</param>
    /// <param name="ranges">Between which numbers its attributes must lie.</param>
    /// <exception cref="StreamRecException">A part cannot be read, or contradicts another.</exception>
    public static ItemFilter Parse(string allowed, string denied, string ranges)
    {
        var (only, without) = (Names(allowed), Names(denied));
        if (only.FirstOrDefault(without.Contains) is { } both)
        {
            throw new StreamRecException(
                $"'{Excerpt.Of(both)}' stands in {AllowedCategories} and in {DeniedCategories}: take it out of one.",
                FaultKind.Usage
            );
        }
        return new ItemFilter(only, without, [.. Names(ranges).Order(StringComparer.Ordinal).Select(Range)]);
    }

    /// <summary>Whether an item may be listed.</summary>
    public bool Allows(ItemFacts item) =>
        (_allowed.Count == 0 || item.Categories.Any(_allowed.Contains))
        && (_denied.Count == 0 || !item.Categories.Any(_denied.Contains))
        && Array.TrueForAll(_ranges, range => range.Allows(item));

    private static HashSet<string> Names(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.Ordinal);

    private static AttributeRange Range(string text) =>
        AttributeRange.Parse(text)
        ?? throw new StreamRecException(
            $"{AttributeRanges} has '{Excerpt.Of(text)}': give NAME:LEAST..MOST, one end of which may be missing, "
                + "such as price:10..50, price:10.. or price:..50, commas between.",
            FaultKind.Usage
        );

    // In quotes, since names may hold anything but a comma.
    private static string Named(string setting, IEnumerable<string> names) =>
        names.Any()
            ? $"{setting}=\"{JsonEncodedText.Encode(string.Join(',', names.Order(StringComparer.Ordinal)))}\""
            : "";
}
