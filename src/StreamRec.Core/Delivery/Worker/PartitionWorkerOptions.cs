using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>The measures of a partition's worker.</summary>
public sealed record PartitionWorkerOptions
{
    /// <summary>The most records of a batch, and so the most users of a step. 1–4,096, default 192.</summary>
    public int BatchRecords { get; init; } = 192;

    /// <summary>
    /// How long a batch that is not full waits for more records: larger batches cost less, and lists come later. 0: not
    /// at all; a batch is cut as soon as the one before is written. Default 0.
    /// </summary>
    public TimeSpan BatchLinger { get; init; }

    /// <summary>Records waiting from which on no more are wanted. Default 2048.</summary>
    public int PendingRecords { get; init; } = 2048;

    /// <summary>
    /// Records waiting at which the consumer is asked to pause: late, since the client drops what it has fetched of a
    /// paused partition, and takes a third of a second to fetch it again.
    /// </summary>
    public int PausedRecords => 4 * PendingRecords;

    /// <summary>Bytes of keys and values waiting at which the consumer is asked to pause. Default 16 MiB.</summary>
    public long PendingBytes { get; init; } = 16 << 20;

    /// <summary>
    /// The most dirty users that are published again at once; batches go on between. 1–1024, default 256.
    /// </summary>
    public int DirtyUsers { get; init; } = 256;

    /// <summary>Users whose states are kept in memory. Default 10,000.</summary>
    public int CachedUsers { get; init; } = 10_000;

    /// <summary>After this, a call to the store counts as unanswered. Default 5 s.</summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first delay of a repetition; doubles each time, ± half. Default 50 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest delay of a repetition. Default 5 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Choices on lost records and repetitions.</summary>
    public PartitionPolicy Policy { get; init; } = new();
}
