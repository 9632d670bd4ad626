using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamRec.Events;

namespace StreamRec.Status;

/// <summary>How a topic's work stands; also the JSON that is printed. What is not known is null, and never 0.</summary>
internal sealed record WorkStatus
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public required string Topic { get; init; }

    public required string Group { get; init; }

    /// <summary>One of <see cref="WorkPhase"/>.</summary>
    public required string Phase { get; init; }

    /// <summary>Records that are not worked yet; null where of a partition it is not known.</summary>
    public long? Lag => Partitions.All(partition => partition.Lag is not null) ? Partitions.Sum(p => p.Lag) : null;

    /// <summary>Workers in the group; null where the broker does not tell.</summary>
    public required int? Members { get; init; }

    /// <summary>The model id that the worker that started last serves; null where none ever did.</summary>
    public required string? Model { get; init; }

    /// <summary>What an operator promoted last; null where nothing ever was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PromotedModel? Promoted { get; init; }

    /// <summary>What workers are to have ready beside it; null where nothing is staged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PromotedModel? Staged { get; init; }

    public required string DeadLetterTopic { get; init; }

    /// <summary>Records in it; null where it is not there.</summary>
    public required long? DeadLetters { get; init; }

    public required IReadOnlyList<PartitionStatus> Partitions { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    public string ToText()
    {
        string[][] rows =
        [
            ["partition", "next", "end", "lag", ""],
            .. Partitions.Select(p =>
                (string[])[Shown(p.Partition), Shown(p.Next), Shown(p.End), Shown(p.Lag), p.Note ?? ""]
            ),
        ];
        var widths = Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return $"{Topic}, group {Group}: {Phase}, lag {Shown(Lag)}, {Shown(Members)} members, "
            + $"model {(Model is null ? "none yet" : Excerpt.Of(Model))}, "
            + (Promoted is null ? "" : $"promotion {Promoted.Promotion} of {Excerpt.Of(Promoted.Model)}, ")
            + (Staged is null ? "" : $"staged {Excerpt.Of(Staged.Model)}, ")
            + $"{Shown(DeadLetters)} dead letters in {DeadLetterTopic}\n"
            + string.Join(
                '\n',
                rows.Select(row =>
                    string.Join("  ", row.Select((cell, at) => at < 4 ? cell.PadLeft(widths[at]) : cell)).TrimEnd()
                )
            );
    }

    private static string Shown(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}

/// <param name="Promotion">Null of what is only staged.</param>
internal sealed record PromotedModel(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Promotion,
    string Model,
    string Digest
);

/// <param name="Next">The next offset: all before it is worked. Null where nothing ever was, or by another
/// group.</param>
/// <param name="Note">What keeps it from being worked; null for nothing.</param>
internal sealed record PartitionStatus(
    int Partition,
    long? Next,
    long End,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null
)
{
    public long? Lag => Next is { } next ? Math.Max(0, End - next) : null;
}

/// <summary>What a topic's workers are doing, as far as Kafka and Redis tell.</summary>
internal static class WorkPhase
{
    /// <summary>Nothing was ever worked, and nobody is there to.</summary>
    public const string New = "new";

    /// <summary>`recover` is at work, or was broken off.</summary>
    public const string Recovering = "recovering";

    /// <summary>Nobody is in the group.</summary>
    public const string Stopped = "stopped";

    /// <summary>The group hands partitions over.</summary>
    public const string Rebalancing = "rebalancing";

    /// <summary>There are records that are not worked yet.</summary>
    public const string Working = "working";

    /// <summary>All is worked.</summary>
    public const string Current = "current";

    /// <param name="members">Null where the broker does not tell.</param>
    public static string Of(
        bool recovering,
        bool rebalancing,
        int? members,
        IReadOnlyList<PartitionStatus> partitions
    ) =>
        recovering ? Recovering
        : members == 0
            ? partitions.Any(partition => partition.Next is not null) ? Stopped
                : New
        : rebalancing ? Rebalancing
        : partitions.All(partition => partition.Lag == 0) ? Current
        : Working;
}
