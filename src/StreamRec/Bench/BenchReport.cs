using System.Text.Json.Serialization;

namespace StreamRec.Bench;

/// <summary>What was measured. Names end in their unit.</summary>
internal sealed record BenchReport
{
    [JsonPropertyName("cpu")]
    public required string Cpu { get; init; }

    [JsonPropertyName("cores")]
    public int Cores { get; init; } = Environment.ProcessorCount;

    [JsonPropertyName("items")]
    public required int Items { get; init; }

    [JsonPropertyName("dimension")]
    public required int Dimension { get; init; }

    [JsonPropertyName("window")]
    public required int Window { get; init; }

    [JsonPropertyName("users")]
    public required int Users { get; init; }

    [JsonPropertyName("partitions")]
    public required int Partitions { get; init; }

    [JsonPropertyName("processes")]
    public required int Processes { get; init; }

    [JsonPropertyName("events")]
    public required long Events { get; init; }

    /// <summary>Of the backlog's second half, when code is compiled and caches have filled.</summary>
    [JsonPropertyName("events_per_s")]
    public required double EventsPerSecond { get; init; }

    /// <summary>Over the same half: user and system time of the worker processes, from the operating system.</summary>
    [JsonPropertyName("events_per_cpu_s")]
    public required double EventsPerCpuSecond { get; init; }

    /// <summary>From the process's start to its end, compiling and loading included.</summary>
    [JsonPropertyName("cpu_s")]
    public required double CpuSeconds { get; init; }

    /// <summary>
    /// Of all cores' time over the backlog's second half, percent that the machine's host gave to others; null where
    /// the system does not tell.
    /// </summary>
    [JsonPropertyName("backlog_stolen_percent")]
    public double? BacklogStolen { get; init; }

    [JsonPropertyName("lists_per_event")]
    public double ListsPerEvent { get; set; }

    /// <summary>How large batches were, over the whole run.</summary>
    [JsonPropertyName("records_per_step")]
    public double RecordsPerStep { get; set; }

    [JsonPropertyName("rate")]
    public int Rate { get; set; }

    [JsonPropertyName("p50_ms")]
    public double? P50 { get; set; }

    [JsonPropertyName("p99_ms")]
    public double? P99 { get; set; }

    [JsonPropertyName("p999_ms")]
    public double? P999 { get; set; }

    /// <summary>
    /// As <see cref="BacklogStolen"/>, of the open loop, its warm-up and the wait for its last lists.
    /// </summary>
    [JsonPropertyName("rate_stolen_percent")]
    public double? RateStolen { get; set; }

    /// <summary>Events of the open loop that no list showed within 30 s.</summary>
    [JsonPropertyName("unseen")]
    public long Unseen { get; set; }

    [JsonPropertyName("peak_mib")]
    public double PeakMib { get; set; }

    /// <summary>
    /// Resident size of the largest worker process when half of the backlog was worked; flat memory keeps the next
    /// alike.
    /// </summary>
    [JsonPropertyName("half_mib")]
    public double HalfMib { get; set; }

    /// <summary>The same when all of the backlog was worked.</summary>
    [JsonPropertyName("backlog_mib")]
    public double BacklogMib { get; set; }

    /// <summary>
    /// Managed bytes of the worker a record; what Kafka's client allocates for one in a consumer that does nothing,
    /// null after too few.
    /// </summary>
    [JsonPropertyName("allocated_bytes_per_event")]
    public double Allocated { get; set; }

    [JsonPropertyName("client_bytes_per_event")]
    public double? AllocatedByClient { get; set; }

    /// <summary>Means over a sample of users, by MEMORY USAGE.</summary>
    [JsonPropertyName("redis_state_bytes_per_user")]
    public double StateBytes { get; set; }

    [JsonPropertyName("redis_list_bytes_per_user")]
    public double ListBytes { get; set; }

    [JsonPropertyName("lists_checked")]
    public int Checked { get; set; }

    [JsonPropertyName("lists_wrong")]
    public int Wrong { get; set; }

    /// <summary>
    /// Of the worker that --peer names: the same figures over the same records, and its lists checked alike. Absent
    /// without one.
    /// </summary>
    [JsonPropertyName("peer_events_per_s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PeerEventsPerSecond { get; init; }

    [JsonPropertyName("peer_events_per_cpu_s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PeerEventsPerCpuSecond { get; init; }

    [JsonPropertyName("peer_lists_wrong"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PeerWrong { get; init; }

    /// <summary>Our events per CPU-second over the peer's.</summary>
    [JsonPropertyName("times_peer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TimesPeer => PeerEventsPerCpuSecond is { } peer ? Math.Round(EventsPerCpuSecond / peer, 1) : null;
}
