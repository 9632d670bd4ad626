using System.Text.Json;
using System.Text.Json.Serialization;
using StreamRec.Events;

namespace StreamRec.Registry.Pointers;

/// <summary>What a worker says of its models, each second: schemas/redis-keys.md.</summary>
internal sealed record WorkerReport
{
    public const string Ready = "ready",
        Loading = "loading",
        Refused = "refused";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Id { get; init; }

    public required string Host { get; init; }

    public required int Pid { get; init; }

    public required string Topic { get; init; }

    public required string Group { get; init; }

    /// <summary>Of the topic; 0 before it is known.</summary>
    public int Partitions { get; init; }

    /// <summary>Of what is live there; 0: nothing is yet.</summary>
    public long Promotion { get; init; }

    public string? Digest { get; init; }

    public string? Model { get; init; }

    /// <summary>Digests of all that it has loaded, also of what was live before.</summary>
    public IReadOnlyList<string> Loaded { get; init; } = [];

    /// <summary>The digest that it was asked for last, and how it stands with that very one.</summary>
    public string? Asked { get; init; }

    /// <summary>When <see cref="Asked"/> was staged, as the pointer says; null: it is not staged.</summary>
    public long? AskedAt { get; init; }

    /// <summary>Of <see cref="Asked"/>: ready, loading or refused.</summary>
    public string? State { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>How it is told from others.</summary>
    [JsonIgnore]
    public string Name => Excerpt.Of($"{Host}/{Pid}");

    /// <summary>Whether it would go over to a model without loading it first.</summary>
    public bool Has(string digest) => Loaded.Contains(digest);

    /// <summary>Whether it says how it stands with a model, having seen what was staged then.</summary>
    public bool Answers(string digest, long stagedAt) =>
        AskedAt >= stagedAt && (Has(digest) || (Asked == digest && State == Refused));

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Null where it is none.</summary>
    public static WorkerReport? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkerReport>(json, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
