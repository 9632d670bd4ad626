using StreamRec.Models.Towers;

namespace StreamRec.Models;

/// <summary>What <see cref="BundleWriter"/> puts into a bundle.</summary>
public sealed record BundleContents
{
    /// <summary>D.</summary>
    public required int Dimension { get; init; }

    /// <summary>W, in events.</summary>
    public required int Window { get; init; }

    /// <summary>N+1 ids; the one at 0 is not written.</summary>
    public required IReadOnlyList<string> ItemIds { get; init; }

    /// <summary>Item vectors [N+1,D], row-major, row 0 zero.</summary>
    public required ReadOnlyMemory<float> Vectors { get; init; }

    /// <summary>N+1 score biases, or empty.</summary>
    public ReadOnlyMemory<float> Biases { get; init; }

    /// <summary>N+1 popularity counts, or empty.</summary>
    public ReadOnlyMemory<long> Counts { get; init; }

    /// <summary>N+1: what orders the popular list, none negative; or empty: the counts do.</summary>
    public ReadOnlyMemory<float> Popularity { get; init; }

    /// <summary>See <see cref="BundleManifest.PopularHalfLifeMs"/>.</summary>
    public long? PopularHalfLifeMs { get; init; }

    /// <summary>
    /// What the graphs are fed: <see cref="BundleManifest.VectorInputs"/> or <see cref="BundleManifest.ItemInputs"/>.
    /// </summary>
    public IReadOnlyList<string> Inputs { get; init; } = BundleManifest.ItemInputs;

    /// <summary>Categories of N+1 items, those of the one at 0 not written; null: not known.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Categories { get; init; }

    /// <summary>What is popular in segments of the users; none: no file is written.</summary>
    public IReadOnlyList<SegmentItems> Segments { get; init; } = [];

    /// <summary>The bytes of encoder.onnx.</summary>
    public required ReadOnlyMemory<byte> Encoder { get; init; }

    /// <summary>The bytes of step.onnx, or empty.</summary>
    public ReadOnlyMemory<byte> Step { get; init; }

    /// <summary>The bytes of explain.onnx, or empty.</summary>
    public ReadOnlyMemory<byte> Explain { get; init; }

    /// <summary>The bytes of trained.u32, see <see cref="TrainedEvents"/>; or empty.</summary>
    public ReadOnlyMemory<byte> Trained { get; init; }

    /// <summary>What re-ranks; null: nothing does.</summary>
    public RerankerContents? Reranker { get; init; }

    /// <summary>What makes vectors of items that the model does not know; null: nothing does.</summary>
    public TowerRows? Tower { get; init; }

    /// <summary>What whoever loads it must find again; null: none is written.</summary>
    public ModelProbe? Probe { get; init; }

    public string Architecture { get; init; } = "external";
    public long? TrainedFromMs { get; init; }
    public long? TrainedToMs { get; init; }

    /// <summary>Event types that were trained on; empty: all. Null: not known.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>See <see cref="BundleManifest.ExcludeSeen"/>.</summary>
    public bool? ExcludeSeen { get; init; }

    /// <summary>See <see cref="BundleManifest.RepeatShare"/>.</summary>
    public double? RepeatShare { get; init; }

    public IReadOnlyDictionary<string, double> Quality { get; init; } = new Dictionary<string, double>();
}
