namespace StreamRec.Client;

/// <summary>A user to read, of whom something is known.</summary>
/// <param name="UserId">The user's id, as in the events.</param>
/// <param name="Segments">As in the events, the one that says most first.</param>
public readonly record struct SegmentedUser(string UserId, IReadOnlyList<string> Segments);
