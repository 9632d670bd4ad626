using System.Diagnostics;
using StreamRec.Serving;

namespace StreamRec.Telemetry.Batches;

/// <summary>
/// Spans of the source <c>StreamRec</c>, one for each batch with a child for each of its stages. Made once the batch is
/// over, with the times that were measured: nothing is traced on the way.
/// </summary>
/// <param name="links">The traces of a partition's records below an offset.</param>
internal sealed class BatchTraces(
    string topic,
    string group,
    Func<int, long, IReadOnlyList<ActivityLink>> links,
    TimeProvider time
)
{
    public const string SourceName = "StreamRec";

    private static readonly ActivitySource s_source = new(SourceName);

    private readonly string _name = $"process {topic}";

    /// <summary>Whether somebody listens.</summary>
    public static bool IsWanted() => s_source.HasListeners();

    /// <summary>A batch is over.</summary>
    public void Tell(in BatchTimings batch, in StepTaken step)
    {
        var linked = links(batch.Partition, step.To);
        // A batch belongs to no trace but its own: what it came of is linked.
        var outer = Activity.Current;
        Activity.Current = null;
        try
        {
            var began = At(batch.Began);
            using var process = s_source.StartActivity(
                _name,
                ActivityKind.Consumer,
                parentContext: default,
                Tags(batch),
                linked,
                began
            );
            if (process is null)
            {
                return;
            }
            var (encode, rank) = (began + batch.Apply, began + batch.Apply + batch.Encode);
            Child("encode", ActivityKind.Internal, encode, batch.Encode);
            Child("rank", ActivityKind.Internal, rank, batch.Rank);
            var stored = At(step.Began);
            Child("EVAL", ActivityKind.Client, stored, step.Took, step.Error);
            Fail(process, step.Error);
            process.SetEndTime((stored + step.Took).UtcDateTime);
        }
        finally
        {
            Activity.Current = outer;
        }
    }

    private DateTimeOffset At(long timestamp) => time.GetUtcNow() - time.GetElapsedTime(timestamp);

    private KeyValuePair<string, object?>[] Tags(in BatchTimings batch) =>
        [
            new("messaging.system", "kafka"),
            new("messaging.operation.type", "process"),
            new("messaging.destination.name", topic),
            new("messaging.consumer.group.name", group),
            new("messaging.destination.partition.id", batch.Partition),
            new("messaging.batch.message_count", batch.Records),
        ];

    private static void Child(string name, ActivityKind kind, DateTimeOffset began, TimeSpan took, string? error = null)
    {
        using var child = s_source.StartActivity(name, kind, parentContext: default, startTime: began);
        if (child is null)
        {
            return;
        }
        if (kind == ActivityKind.Client)
        {
            child.SetTag("db.system.name", "redis");
            child.SetTag("db.operation.name", name);
        }
        Fail(child, error);
        child.SetEndTime((began + took).UtcDateTime);
    }

    private static void Fail(Activity activity, string? error)
    {
        if (error is not null)
        {
            activity.SetTag("error.type", error);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}
