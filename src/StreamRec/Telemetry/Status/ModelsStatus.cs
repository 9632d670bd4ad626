namespace StreamRec.Telemetry.Status;

/// <summary>The models of a worker that serves what is promoted.</summary>
/// <param name="Promotion">Of what is live; 0: nothing is yet.</param>
/// <param name="Digest">Of what is live; null: nothing is yet.</param>
/// <param name="Staged">What is asked for beside it; null: nothing is.</param>
/// <param name="Swaps">How often another model became live.</param>
/// <param name="Refused">Bundles that could not be loaded.</param>
/// <param name="Loaded">Models that are in memory.</param>
/// <param name="Made">Models that were loaded so far, of which <paramref name="Ended"/> were given back.</param>
/// <param name="Awaited">Why the worker does not serve what is promoted; null: it does.</param>
internal sealed record ModelsStatus(
    long Promotion,
    string? Digest,
    StagedModel? Staged,
    long Swaps,
    long Refused,
    int Loaded,
    long Made,
    long Ended,
    string? Awaited
)
{
    /// <summary>Why the pointer could not be followed just now; null: it could.</summary>
    public string? Fault { get; init; }
}

/// <param name="State">ready, loading or refused.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record StagedModel(string Digest, string Model, string State, string? Reason);
