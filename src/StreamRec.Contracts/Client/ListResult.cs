using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>What to show a user now, and what it is worth.</summary>
public sealed record ListResult
{
    /// <summary>Who was asked for.</summary>
    public required string UserId { get; init; }

    /// <summary>Whose list it is.</summary>
    public required ListSource Source { get; init; }

    /// <summary>Why it is not the user's own.</summary>
    public required ListReason Reason { get; init; }

    /// <summary>The list; null where <see cref="Source"/> is <see cref="ListSource.None"/>.</summary>
    public PublishedList? List { get; init; }

    /// <summary>Item ids, best first; none where there is no list.</summary>
    public IReadOnlyList<string> Items => List?.Items ?? [];

    /// <summary>
    /// Among whose users the items are popular, where the popular list is one of a segment that was given; else null.
    /// </summary>
    public string? Segment => List?.Segment;

    /// <summary>When Redis held the list: now, or earlier for one that is <see cref="ListSource.LastKnown"/>.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>
    /// Time since the list was made, by the clocks of the worker and of this machine; null where there is no list.
    /// </summary>
    public TimeSpan? Age { get; init; }

    /// <summary>What failed, for a log; null where nothing did.</summary>
    public Exception? Fault { get; init; }
}
