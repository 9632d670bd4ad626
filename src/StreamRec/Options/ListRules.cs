using StreamRec.Catalogue;
using StreamRec.Events;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;

namespace StreamRec.Options;

/// <summary>What shapes lists beside the model, as it is given: the same for a worker and an evaluation.</summary>
internal static class ListRules
{
    /// <param name="name">The setting or option.</param>
    /// <param name="text">Its value; null or empty: none.</param>
    /// <param name="types">Types of the events that are kept; empty: all.</param>
    /// <exception cref="StreamRecException">It cannot be read, or is of events that are not kept.</exception>
    public static SeenRule? Seen(string name, string? text, string types)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        var rule =
            SeenRule.Parse(text)
            ?? throw new StreamRecException($"{name} is '{Excerpt.Of(text)}': {SeenRule.Advice}.", FaultKind.Usage);
        var kept = TypeNames.Parse(types);
        if (kept.Count > 0 && TypeNames.Parse(rule.Types).FirstOrDefault(type => !kept.Contains(type)) is { } stranger)
        {
            throw new StreamRecException(
                $"{name} is '{Excerpt.Of(text)}', and events of the type '{Excerpt.Of(stranger)}' are not kept: "
                    + "name it among Types too.",
                FaultKind.Usage
            );
        }
        return rule;
    }

    /// <summary>Throws where nobody says what a filter or a cap goes by.</summary>
    /// <param name="where">What says it.</param>
    /// <exception cref="StreamRecException">A filter, or a cap by an attribute, is without a catalogue.</exception>
    public static void RequireCatalogue(ItemFilter filter, ListCap? cap, bool isThere, string where)
    {
        if (isThere)
        {
            return;
        }
        if (!filter.IsNone)
        {
            throw new StreamRecException(
                $"{filter.Text} goes by what a catalogue says of items, and none is read: give {where}.",
                FaultKind.Usage
            );
        }
        if (cap is not null && cap.Of != ListCap.Category)
        {
            throw new StreamRecException(
                $"The cap {cap.Text} goes by an attribute of a catalogue's items, and none is read: give {where}.",
                FaultKind.Usage
            );
        }
    }
}
