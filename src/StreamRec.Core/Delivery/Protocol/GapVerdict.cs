namespace StreamRec.Delivery.Protocol;

/// <summary>The broker's word on offsets that the consumer did not deliver.</summary>
public enum GapVerdict : byte
{
    /// <summary>The broker did not answer; ask again.</summary>
    Unknown,

    /// <summary>
    /// The log has no record for a consumer there: control records, aborted transactions, compaction.
    /// </summary>
    Hole,

    /// <summary>There are records; the consumer did not start where it was told to, or lost some.</summary>
    Records,

    /// <summary>Records were there and retention, or an operator, deleted them.</summary>
    Retention,
}

/// <summary>What the broker says of a gap.</summary>
/// <param name="LogStart">The first offset that is kept, where <paramref name="Verdict"/> is retention.</param>
public readonly record struct GapAnswer(GapVerdict Verdict, long LogStart = 0);
