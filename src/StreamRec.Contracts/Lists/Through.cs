using System.Text.Json.Serialization;

namespace StreamRec.Lists;

/// <summary>
/// What a list includes, and so what may replace it: the last record of the user's state, never the batch's end.
/// </summary>
/// <param name="TopicUuid">The topic's incarnation; its name where the broker has no topic ids.</param>
/// <param name="Partition">Of the topic.</param>
/// <param name="Generation">Of the partition's states: <c>recover</c> raises it.</param>
/// <param name="Epoch">The record's leader epoch; −1: unknown.</param>
/// <param name="Offset">The record's place in the partition.</param>
/// <param name="Claim">Under which the list was written.</param>
public readonly record struct Through(
    string TopicUuid,
    int Partition,
    int Generation,
    int Epoch,
    long Offset,
    long Claim
)
{
    /// <summary>The promotion that made the list's model live; 0, and absent from the text, where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Promotion { get; init; }
}
