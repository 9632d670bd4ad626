namespace StreamRec.Events;

/// <summary>
/// What a worker needs of an event, in UTF-8: as a rule slices of the record that it came in, so that nothing is made
/// of it. Two are equal where they are the same memory.
/// </summary>
/// <param name="EventId">As <see cref="ClickEvent.EventId"/>, and so are the others.</param>
public readonly record struct EventText(
    ReadOnlyMemory<byte> EventId,
    ReadOnlyMemory<byte> UserId,
    ReadOnlyMemory<byte> ItemId,
    ReadOnlyMemory<byte> Type,
    long TimeMs
)
{
    /// <summary>An event that is there as texts.</summary>
    public static EventText Of(in ClickEvent click) =>
        new(Utf8(click.EventId), Utf8(click.UserId), Utf8(click.ItemId), Utf8(click.Type), click.TimeMs);

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
