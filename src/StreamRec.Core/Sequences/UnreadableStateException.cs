using StreamRec.Events;

namespace StreamRec.Sequences;

/// <summary>What the store holds of a user is no state. Nothing is written over it: the partition halts.</summary>
public sealed class UnreadableStateException(string userId, Exception inner)
    : Exception($"the state of user '{Excerpt.Of(userId)}' cannot be read: {inner.Message}", inner)
{
    /// <summary>The user, fit for a terminal.</summary>
    public string User { get; } = Excerpt.Of(userId);
}
