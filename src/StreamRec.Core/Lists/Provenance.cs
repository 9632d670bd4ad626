namespace StreamRec.Lists;

/// <summary>The newest event that a list includes.</summary>
/// <param name="TimeMs">Milliseconds since 1970.</param>
/// <param name="EventId">UTF-8; lent, until the user's next event.</param>
public readonly record struct LastEvent(long TimeMs, ReadOnlyMemory<byte> EventId);

/// <summary>What a list is made of, beside its items.</summary>
/// <param name="Kind">One of <see cref="ListKinds"/>.</param>
/// <param name="ModelId">The bundle's.</param>
/// <param name="LastEvent">The newest event in the list; null for a list of no user.</param>
/// <param name="Options">Hash of the options that shape a list.</param>
/// <param name="WrittenAtMs">Milliseconds since 1970, by the worker's clock: for people, nothing depends on it.</param>
/// <param name="Catalogue">What said which items may be listed; null: no catalogue is followed.</param>
/// <param name="Segment">Among whose users the items are popular; null: among all, or the list is a user's.</param>
/// <param name="Promotion">Of a list of no user: that made the model live; 0: none did, or <paramref name="Through"/>
/// says it.</param>
public readonly record struct Provenance(
    string Kind,
    string ModelId,
    LastEvent? LastEvent,
    Through? Through,
    string Options,
    long WrittenAtMs,
    CatalogueVersion? Catalogue = null,
    string? Segment = null,
    long Promotion = 0
);
