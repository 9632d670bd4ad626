using System.Diagnostics;
using System.Diagnostics.Metrics;
using Confluent.Kafka;

namespace StreamRec.Client.Kafka;

/// <summary>What is measured and traced of publishing: docs/client.md names it all.</summary>
internal static class PublisherTelemetry
{
    private const string Name = "StreamRec.Client";

    private static readonly Meter s_meter = new(Name);

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "streamrec.client.publish.duration",
        "s",
        "Time until an event was in the log, or was refused.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5, 30],
        }
    );

    private static readonly ActivitySource s_source = new(Name);

    /// <summary>Begins to publish; the trace goes on in the record's headers where somebody listens.</summary>
    public static Publishing Begin(string topic, Message<byte[], byte[]> message)
    {
        var activity = s_source.StartActivity($"send {topic}", ActivityKind.Producer);
        if (activity is not null)
        {
            activity.SetTag("messaging.system", "kafka");
            activity.SetTag("messaging.operation.type", "send");
            activity.SetTag("messaging.destination.name", topic);
            DistributedContextPropagator.Current.Inject(
                activity,
                message.Headers ??= [],
                static (headers, name, value) =>
                    ((Headers)headers!).Add(name, System.Text.Encoding.UTF8.GetBytes(value))
            );
        }
        return new Publishing(activity, Stopwatch.GetTimestamp());
    }

    /// <summary>An event on its way.</summary>
    public sealed class Publishing(Activity? activity, long began) : IDisposable
    {
        private string _outcome = "failed";

        public void Published(int partition, long offset)
        {
            _outcome = "published";
            activity?.SetTag("messaging.destination.partition.id", partition);
            activity?.SetTag("messaging.kafka.offset", offset);
        }

        public void Failed(string code)
        {
            activity?.SetTag("error.type", code);
            activity?.SetStatus(ActivityStatusCode.Error);
        }

        public void Dispose()
        {
            s_duration.Record(
                Stopwatch.GetElapsedTime(began).TotalSeconds,
                new KeyValuePair<string, object?>("outcome", _outcome)
            );
            activity?.Dispose();
        }
    }
}
