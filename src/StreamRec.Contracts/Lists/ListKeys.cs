using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Lists;

/// <summary>The Redis keys that a reader of lists needs: schemas/redis-keys.md.</summary>
public sealed class ListKeys
{
    /// <summary>The prefix unless another is set.</summary>
    public const string DefaultPrefix = "streamrec";

    /// <summary>The longest prefix, in characters.</summary>
    public const int MaxPrefixLength = 64;

    /// <summary>What a prefix is, in words.</summary>
    public static readonly string PrefixRule =
        $"1 to {MaxPrefixLength} letters, digits, dots, underscores or hyphens, so no colon";

    /// <summary>The field of <see cref="Meta"/> that names the partitioner which the worker expects.</summary>
    public const string PartitionerField = "partitioner";

    private readonly string[] _popularAlone;
    private readonly string _list;
    private readonly string _meta;
    private readonly string _similar;

    /// <param name="prefix">First part of every key: 1–64 of letters, digits, dots, underscores and hyphens.</param>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public ListKeys(string prefix = DefaultPrefix)
    {
        if (!IsPrefix(prefix))
        {
            throw new ArgumentException($"The prefix '{prefix}' is none: it must be {PrefixRule}.", nameof(prefix));
        }
        _list = prefix + ":list:";
        _meta = prefix + ":meta:";
        _similar = prefix + ":similar:";
        Popular = prefix + ":popular";
        Withdrawn = prefix + ":withdrawn";
        _popularAlone = [Popular];
    }

    /// <summary>The key of the list for users without one.</summary>
    public string Popular { get; }

    /// <summary>The key of what is to be left out of lists that are there.</summary>
    public string Withdrawn { get; }

    /// <summary>The key of the list for users of a segment who have none of their own.</summary>
    /// <param name="segment">It stands in the key as it is.</param>
    public string PopularOf(string segment) => $"{Popular}.{segment}";

    /// <summary>The keys of what a user without a list may get, in the order in which they are to be taken.</summary>
    /// <param name="segments">What kinds of users this one is of, the one that says most first.</param>
    /// <returns>Of the segments, then of the popular list.</returns>
    /// <exception cref="ArgumentException">They are none that an event may have.</exception>
    public IReadOnlyList<string> Shared(IReadOnlyList<string> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return EventRules.Segments(segments) is { } error
                ? throw new ArgumentException(error.Sentence, nameof(segments))
            : segments.Count == 0 ? _popularAlone
            : [.. segments.Select(PopularOf), Popular];
    }

    /// <summary>The key of a user's list. The id stands in it as it is, whatever its characters.</summary>
    /// <param name="userId">The user's id.</param>
    public string List(string userId) => _list + userId;

    /// <summary>The key of what is most like an item. The id stands in it as it is, whatever its characters.</summary>
    /// <param name="itemId">The item's id.</param>
    public string Similar(string itemId) => _similar + itemId;

    /// <summary>
    /// The key of what a worker says of a partition. Of it a client reads <see cref="PartitionerField"/> alone.
    /// </summary>
    /// <param name="topic">The topic of click events.</param>
    /// <param name="partition">Of the topic.</param>
    public string Meta(string topic, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{_meta}{{{topic}:{partition}}}");

    /// <summary>Whether a text can be a prefix.</summary>
    /// <param name="prefix">Any text.</param>
    public static bool IsPrefix(string? prefix) =>
        prefix?.Length is > 0 and <= MaxPrefixLength
        && prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
