namespace StreamRec.Events;

/// <summary>
/// One thing that a user did with an item: the unit that the worker consumes. Described in schemas/event.md.
/// </summary>
/// <param name="EventId">The event's identity, 1–128 UTF-8 bytes. The same id and time twice is a duplicate.</param>
/// <param name="UserId">Who, 1–128 UTF-8 bytes; also the Kafka key.</param>
/// <param name="ItemId">What, 1–128 UTF-8 bytes.</param>
/// <param name="Type">How: view, click, cart, purchase, … an open set, 1–32 UTF-8 bytes.</param>
/// <param name="TimeMs">When, in milliseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="SessionId">The visit that the event belongs to, if the producer knows one, 1–128 UTF-8 bytes.</param>
/// <param name="Shown">What led to the click, if the producer knows it.</param>
/// <param name="Segments">What kinds of users this one is of, such as <c>age:25-34</c>, if the producer knows any: at
/// most <see cref="EventLimits.MaxSegments"/> texts of 1–64 UTF-8 bytes.</param>
public readonly record struct ClickEvent(
    string EventId,
    string UserId,
    string ItemId,
    string Type,
    long TimeMs,
    string? SessionId = null,
    Shown? Shown = null,
    IReadOnlyList<string>? Segments = null
);

/// <summary>
/// Where the user saw the item that was clicked. Reserved: checked and carried, but no list depends on it yet.
/// </summary>
/// <param name="List">The list's name, 1–64 UTF-8 bytes.</param>
/// <param name="Model">The model id that the list named, 1–64 UTF-8 bytes.</param>
/// <param name="Position">The item's place in it, from 1, to <see cref="EventLimits.MaxPosition"/>.</param>
public sealed record Shown(string? List = null, string? Model = null, int? Position = null);
