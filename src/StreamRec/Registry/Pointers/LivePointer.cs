namespace StreamRec.Registry.Pointers;

/// <summary>What an operator promoted last.</summary>
/// <param name="Promotion">Its number, which only grows.</param>
/// <param name="By">Who promoted it, and <paramref name="Why"/>: for people.</param>
/// <param name="AtMs">By Redis's clock.</param>
internal sealed record LivePointer(long Promotion, string Digest, string Model, string By, long AtMs, string Why);

/// <summary>What workers are to have ready beside what is live.</summary>
internal sealed record StagedPointer(string Digest, string Model, string By, long AtMs);

/// <summary>Null: nothing was promoted yet, or nothing is staged.</summary>
internal sealed record PointerState(LivePointer? Live, StagedPointer? Staged);

/// <summary>A promotion of the past.</summary>
/// <param name="Kind"><c>promote</c> or <c>rollback</c>.</param>
internal sealed record PastPromotion(
    long Promotion,
    long At,
    string Digest,
    string Model,
    string By,
    string Why,
    string Kind
);
