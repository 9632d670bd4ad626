namespace StreamRec.Telemetry.Batches;

/// <summary>A batch's step, and what the store made of it.</summary>
/// <param name="To">The offset behind the batch.</param>
/// <param name="Began">When the store was asked.</param>
/// <param name="Error">Why it is not applied; null where it is.</param>
/// <param name="Answered">Whether the store has said so, and not its absence.</param>
internal readonly record struct StepTaken(
    int Partition,
    long To,
    long Began,
    TimeSpan Took,
    string? Error,
    bool Answered
);
