using System.CommandLine;
using StreamRec.Events;
using StreamRec.Ranking;

namespace StreamRec.Options;

/// <summary>`--filter-seen` of the commands that judge lists: what is asked there is of items, without types.</summary>
internal static class FilterSeen
{
    /// <param name="otherwise">What holds where it is not given, as the end of a sentence.</param>
    public static Option<string?> Option(string otherwise) =>
        new("--filter-seen")
        {
            Description =
                "true or false: lists leave out the items of the user's kept events, as the worker's do; "
                + $"last:20 for those of the last 20. Default: {otherwise}.",
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <returns>Null: it was not given.</returns>
    /// <exception cref="StreamRecException">It is no such rule.</exception>
    public static SeenRule? Of(ParseResult parsed, Option<string?> option)
    {
        // By itself it says true.
        var text = parsed.GetResult(option) is null ? null : parsed.GetValue(option) ?? "true";
        var rule = ListRules.Seen(option.Name, text, "");
        return rule is { Types.Length: > 0 }
            ? throw new StreamRecException(
                $"{option.Name} is '{Excerpt.Of(text)}': of what types a history's events are is not known here; "
                    + "give true, false or last:20.",
                FaultKind.Usage
            )
            : rule;
    }
}
