namespace StreamRec.Pipeline;

/// <summary>What a processor keeps in memory of one user between batches; the pipeline does not look inside.</summary>
/// <remarks>
/// It is changed in place while a batch is computed, ahead of the store. That is safe because a step that is not applied
/// drops the partition's cache, and with it every state that the step had touched.
/// </remarks>
public abstract class UserState(string userId)
{
    public string UserId { get; private set; } = userId;

    // The neighbours in the order of use; owned by the cache.
    internal UserState? Newer { get; set; }
    internal UserState? Older { get; set; }

    /// <summary>Takes another user's place: the memory goes on, what it told of the former user must be forgotten.</summary>
    protected void Rename(string userId) => UserId = userId;
}
