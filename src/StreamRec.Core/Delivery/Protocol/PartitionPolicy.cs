namespace StreamRec.Delivery.Protocol;

/// <summary>What a partition does where the operator has a choice.</summary>
public sealed record PartitionPolicy
{
    /// <summary>
    /// Repetitions of a read or step without an answer before all is dropped and claimed anew. 0–100, default 5.
    /// </summary>
    public int Retries { get; init; } = 5;

    /// <summary>
    /// Go on at the log's start where retention deleted unprocessed records; else halt. Default: halt.
    /// </summary>
    public bool SkipLostRecords { get; init; }

    /// <summary>
    /// Lists live on other shards than states (Redis Cluster): each step is followed by their publication.
    /// </summary>
    public bool ListsElsewhere { get; init; }
}
