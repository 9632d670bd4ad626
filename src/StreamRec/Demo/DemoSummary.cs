using System.Text.Json.Serialization;

namespace StreamRec.Demo;

/// <summary>
/// What the demo has measured so far; with <c>--json</c>, the last line. Times in the unit of their names.
/// </summary>
internal sealed record DemoSummary
{
    [JsonPropertyName("model_id")]
    public required string ModelId { get; init; }

    [JsonPropertyName("first_list_s")]
    public required double FirstListSeconds { get; init; }

    [JsonPropertyName("seconds")]
    public required double Seconds { get; init; }

    /// <summary>Clicks sent.</summary>
    [JsonPropertyName("events")]
    public required long Events { get; init; }

    [JsonPropertyName("events_per_s")]
    public required double EventsPerSecond { get; init; }

    /// <summary>Clicks that were seen in their shopper's list.</summary>
    [JsonPropertyName("events_in_lists")]
    public required long EventsInLists { get; init; }

    [JsonPropertyName("p50_ms")]
    public required double P50 { get; init; }

    [JsonPropertyName("p99_ms")]
    public required double P99 { get; init; }

    [JsonPropertyName("cases")]
    public required int Cases { get; init; }

    /// <summary>Null before the first case.</summary>
    [JsonPropertyName("hit_rate@10")]
    public required IReadOnlyDictionary<string, double?> HitRates { get; init; }

    /// <summary>Lists were written, and they beat both baselines.</summary>
    [JsonIgnore]
    public bool Better =>
        EventsInLists > 0 && HitRates["model"] > HitRates["markov"] && HitRates["model"] > HitRates["popularity"];
}
