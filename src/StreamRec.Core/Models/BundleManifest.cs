using System.Text.Json.Serialization;

namespace StreamRec.Models;

/// <summary>
/// manifest.json of a model bundle: what it is, how its encoder is fed, and the SHA-256 of each file. See
/// schemas/bundle.md.
/// </summary>
public sealed record BundleManifest
{
    /// <summary>
    /// How encoders were fed before rows were: item indices [B,L], which the graph looks up in a table of its own, and
    /// their number in each row [B].
    /// </summary>
    public static readonly IReadOnlyList<string> ItemInputs = ["items", "lengths"];

    /// <summary>Rows of vectors.f32 [B,L,D], zeros behind the last one, and their number in each row [B].</summary>
    public static readonly IReadOnlyList<string> VectorInputs = ["vectors", "lengths"];

    /// <summary>The format that is written, and the only one that is read.</summary>
    public const int CurrentFormat = 1;

    /// <summary>100,000 days.</summary>
    public const long MostHalfLifeMs = 8_640_000_000_000;

    [JsonPropertyName("format")]
    public required int Format { get; init; }

    [JsonPropertyName("model_id")]
    public required string ModelId { get; init; }

    /// <summary>D, the width of item and user vectors.</summary>
    [JsonPropertyName("dimension")]
    public required int Dimension { get; init; }

    /// <summary>
    /// W, the window in events: at least the last min(n, W) and at most the last 2W−1 events are encoded.
    /// </summary>
    [JsonPropertyName("window")]
    public required int Window { get; init; }

    /// <summary>N, the number of items; vectors have N+1 rows, row 0 being padding.</summary>
    [JsonPropertyName("items")]
    public required int Items { get; init; }

    /// <summary>What the encoder is fed, by name: a worker that cannot feed all of it refuses the bundle.</summary>
    [JsonPropertyName("inputs")]
    public IReadOnlyList<string> Inputs { get; init; } = ItemInputs;

    /// <summary>Whether the graphs are fed rows of the item table; else item indices.</summary>
    [JsonIgnore]
    public bool TakesVectors => Inputs.Contains("vectors");

    [JsonPropertyName("architecture")]
    public string Architecture { get; init; } = "external";

    [JsonPropertyName("trained_from_ms")]
    public long? TrainedFromMs { get; init; }

    [JsonPropertyName("trained_to_ms")]
    public long? TrainedToMs { get; init; }

    /// <summary>Event types that were trained on; empty: all. Null: not known.</summary>
    [JsonPropertyName("types")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>
    /// What the lists of this model do by default: leave out the items of the kept events. Null: not said.
    /// </summary>
    [JsonPropertyName("exclude_seen")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ExcludeSeen { get; init; }

    /// <summary>
    /// Of the training events that had one before, the share whose item stood in the user's last 2W−1 events, 0–1.
    /// </summary>
    [JsonPropertyName("repeat_share")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RepeatShare { get; init; }

    /// <summary>
    /// In how many milliseconds an event comes to count half for the lists of what is popular; null: it never does, or
    /// it is not said.
    /// </summary>
    [JsonPropertyName("popular_half_life_ms")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PopularHalfLifeMs { get; init; }

    /// <summary>How the best items of the first pass are re-ranked; null: they are not.</summary>
    [JsonPropertyName("reranker")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RerankerManifest? Reranker { get; init; }

    /// <summary>Measured figures by name, such as <c>validation.ndcg@10</c>.</summary>
    [JsonPropertyName("quality")]
    public IReadOnlyDictionary<string, double> Quality { get; init; } = new Dictionary<string, double>();

    /// <summary>File name → lower-case hex SHA-256, for every file but the manifest.</summary>
    [JsonPropertyName("files")]
    public required IReadOnlyDictionary<string, string> Files { get; init; }
}
