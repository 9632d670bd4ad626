namespace StreamRec.Client;

/// <summary>How a wait for an event ended.</summary>
/// <param name="IsIncluded">Whether the user's list includes the event; false: time was up.</param>
/// <param name="List">What to show in either case.</param>
public sealed record WaitResult(bool IsIncluded, ListResult List);
