using StreamRec.Events;
using StreamRec.Serving;

namespace StreamRec.Telemetry.Status;

/// <summary>What became of records: each is one of these.</summary>
/// <param name="Known">Accepted, on items that the model knows: the only ones that make lists.</param>
/// <param name="Unknown">Accepted, on items that the model does not know.</param>
/// <param name="DeadLetters">By reason.</param>
internal sealed record Outcomes(
    long Known,
    long Unknown,
    long Duplicates,
    long Late,
    long Unwanted,
    IReadOnlyDictionary<string, long> DeadLetters
)
{
    public static readonly Outcomes None = new(0, 0, 0, 0, 0, new Dictionary<string, long>());

    private static readonly string s_stray = EventReason.StrayPartition.Code();

    public long Accepted => Known + Unknown;

    public long Dead => DeadLetters.Values.Sum();

    public long All => Accepted + Duplicates + Late + Unwanted + Dead;

    /// <param name="reRoute">Strays are no dead letters: they are produced to their own partition.</param>
    public static Outcomes Of(EventCounters events, IReadOnlyList<PartitionStatus> partitions, bool reRoute)
    {
        var letters = new Dictionary<string, long>();
        foreach (var (reason, count) in partitions.SelectMany(partition => partition.DeadLetters))
        {
            if (!reRoute || reason != s_stray)
            {
                letters[reason] = letters.GetValueOrDefault(reason) + count;
            }
        }
        // Counted one after the other while work goes on: first the part, then the whole.
        var unknown = events.UnknownItems;
        return new(
            Math.Max(0, events.Accepted - unknown),
            unknown,
            events.Duplicates,
            events.Late,
            events.UnwantedTypes,
            letters
        );
    }

    /// <summary>What came to these after those.</summary>
    public static Outcomes operator -(Outcomes now, Outcomes before) =>
        new(
            now.Known - before.Known,
            now.Unknown - before.Unknown,
            now.Duplicates - before.Duplicates,
            now.Late - before.Late,
            now.Unwanted - before.Unwanted,
            now.DeadLetters.Select(letters =>
                    (letters.Key, Count: letters.Value - before.DeadLetters.GetValueOrDefault(letters.Key))
                )
                .Where(letters => letters.Count > 0)
                .ToDictionary(letters => letters.Key, letters => letters.Count)
        );
}
