using StreamRec.Delivery.Protocol;
using StreamRec.Models;

namespace StreamRec.Telemetry.Status;

/// <summary>
/// All that can be said of a worker at a moment. The log's lines, the instruments and the answers on health show this,
/// and compute none of it.
/// </summary>
internal sealed record WorkerStatus
{
    /// <summary>When it was taken, and by the clock that measures durations.</summary>
    public required DateTimeOffset At { get; init; }

    /// <inheritdoc cref="At"/>
    public long Timestamp { get; init; }

    public string Topic { get; init; } = "";

    public string Group { get; init; } = "";

    public WorkerPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>Null before it is loaded.</summary>
    public ServedModel? Model { get; init; }

    /// <summary>Index = partition; none before the topic is known.</summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>What became of all records so far.</summary>
    public Outcomes Outcomes { get; init; } = Outcomes.None;

    /// <summary>Lists that were not made, since the model's vector is not finite.</summary>
    public long NotEncodable { get; init; }

    /// <summary>Lists so far, by kind.</summary>
    public IReadOnlyDictionary<string, long> ListsMade { get; init; } = new Dictionary<string, long>();

    /// <summary>Redis Cluster alone: lists that were not written because a newer one is there.</summary>
    public long? ListsSuperseded { get; init; }

    public IReadOnlyList<Waiting> Waiting { get; init; } = [];

    /// <summary>Of what was written since the status before; null where nothing was.</summary>
    public Freshness? Freshness { get; init; }

    /// <summary>Null where a bundle was given by hand.</summary>
    public ModelsStatus? Models { get; init; }

    /// <summary>Null where none is followed.</summary>
    public CatalogueStatus? Catalogue { get; init; }

    /// <summary>Lines of Kafka's clients so far, by level.</summary>
    public IReadOnlyDictionary<string, long> KafkaLog { get; init; } = new Dictionary<string, long>();

    public HaltReason Halt { get; init; }

    /// <summary>What must hold for the process to be let live.</summary>
    public IReadOnlyList<Condition> Live { get; init; } = [];

    /// <summary>What must hold for it to be of use.</summary>
    public IReadOnlyList<Condition> Ready { get; init; } = [];

    public IEnumerable<PartitionStatus> Assigned => Partitions.Where(partition => partition.IsAssigned);

    /// <summary>A member of the group that has no partition: it takes over when another ends.</summary>
    public bool Standby => Phase == WorkerPhase.Joined && !Assigned.Any();

    public long Sum(Func<PartitionStatus, long> what) => Partitions.Sum(what);
}

/// <summary>The model that lists are made by.</summary>
internal sealed record ServedModel(string Id, int Items, string Encoded)
{
    /// <summary>For who looks at how it encodes a user; null: nobody may.</summary>
    public Bundle? Bundle { get; init; }

    /// <summary>Whether items that it was not trained on count in a user's sequence.</summary>
    public bool MakesNewItems { get; init; }
}

/// <summary>In seconds, from a record's timestamp to its user's list.</summary>
/// <param name="Latest">Of the record that was written last.</param>
/// <param name="Worst">Of all.</param>
internal readonly record struct Freshness(double Latest, double Worst);

/// <summary>Something that holds, or does not, and since when.</summary>
/// <param name="Why">What is missing; null where it holds.</param>
internal sealed record Condition(string Name, bool Holds, DateTimeOffset Since, string? Why);
