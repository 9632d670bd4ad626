namespace StreamRec.Client;

/// <summary>Knows how a topic's worker expects keys to be partitioned.</summary>
public interface IPartitionerSource
{
    /// <summary>The worker's choice; null where it takes any, never ran, or cannot be asked.</summary>
    /// <param name="topic">The topic of click events.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    Task<EventPartitioner?> PartitionerAsync(string topic, CancellationToken cancel = default);
}
