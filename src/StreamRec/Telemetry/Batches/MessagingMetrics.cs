using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using StreamRec.Serving;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace StreamRec.Telemetry.Batches;

/// <summary>
/// The batch's figures under the names of OpenTelemetry's conventions, which are still in development: theirs to
/// change, unlike those of the meter <c>StreamRec</c>.
/// </summary>
internal sealed class MessagingMetrics : IDisposable
{
    public const string MeterName = "StreamRec.Messaging";

    private static readonly InstrumentAdvice<double> s_process = new()
    {
        HistogramBucketBoundaries = [.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly InstrumentAdvice<double> s_database = new()
    {
        HistogramBucketBoundaries = [.001, .005, .01, .05, .1, .5, 1, 5, 10],
    };

    private static readonly Tag[] s_eval = [new("db.system.name", "redis"), new("db.operation.name", "EVAL")];

    private readonly Meter _meter = new(
        new MeterOptions(MeterName) { TelemetrySchemaUrl = "https://opentelemetry.io/schemas/1.45.0" }
    );

    private readonly Tag[] _tags;
    private readonly ConcurrentDictionary<int, Tag[]> _partitions = new();
    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _process,
        _operation;

    public MessagingMetrics(string topic, string group)
    {
        _tags =
        [
            new("messaging.system", "kafka"),
            new("messaging.operation.name", "process"),
            new("messaging.destination.name", topic),
            new("messaging.consumer.group.name", group),
        ];
        _consumed = _meter.CreateCounter<long>(
            "messaging.client.consumed.messages",
            "{message}",
            "Records of batches that were written."
        );
        _process = _meter.CreateHistogram(
            "messaging.process.duration",
            "s",
            "Of a batch: from its records to the store's answer.",
            null,
            s_process
        );
        _operation = _meter.CreateHistogram(
            "db.client.operation.duration",
            "s",
            "Of a batch: until Redis has answered to its step.",
            null,
            s_database
        );
    }

    /// <summary>Whether somebody listens.</summary>
    public bool IsWanted => _consumed.Enabled || _process.Enabled || _operation.Enabled;

    /// <summary>The store was asked.</summary>
    public void Asked(in StepTaken step) => _operation.Record(step.Took.TotalSeconds, With(s_eval, step.Error));

    /// <summary>A batch is over.</summary>
    public void Tell(in BatchTimings batch, in StepTaken step, TimeSpan took)
    {
        _process.Record(took.TotalSeconds, With(_tags, step.Error));
        if (step.Error is null)
        {
            _consumed.Add(batch.Records, _partitions.GetOrAdd(batch.Partition, Of));
        }
    }

    public void Dispose() => _meter.Dispose();

    private static Tag[] With(Tag[] tags, string? error) => error is null ? tags : [.. tags, new("error.type", error)];

    private Tag[] Of(int partition) => [.. _tags, new("messaging.destination.partition.id", partition)];
}
