using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StreamRec.Client;

/// <summary>What is measured and traced of reads: docs/client.md names it all.</summary>
internal static class ClientTelemetry
{
    private const string Name = "StreamRec.Client";

    private static readonly Meter s_meter = new(Name);

    private static readonly Counter<long> s_reads = s_meter.CreateCounter<long>(
        "streamrec.client.reads",
        "{read}",
        "Lists that were asked for."
    );

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "streamrec.client.read.duration",
        "s",
        "Time that a call took.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1],
        }
    );

    private static readonly Histogram<double> s_age = s_meter.CreateHistogram(
        "streamrec.client.list.age",
        "s",
        "Time since the user's list that was read was made.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000],
        }
    );

    private static readonly ActivitySource s_source = new(Name);

    /// <summary>Null where nobody listens.</summary>
    public static Activity? Begin(string call) => s_source.StartActivity(call, ActivityKind.Client);

    public static void Count(ListResult result)
    {
        s_reads.Add(1, new("source", result.Source.Word()), new("reason", result.Reason.Word()));
        if (result is { Source: ListSource.Own, Age: { } age })
        {
            s_age.Record(age.TotalSeconds);
        }
    }

    public static void End(Activity? activity, ListResult result, TimeSpan took)
    {
        Count(result);
        if (activity is not null)
        {
            activity.SetTag("streamrec.list.source", result.Source.Word());
            activity.SetTag("streamrec.list.reason", result.Reason.Word());
            if (result.Reason is ListReason.TimedOut or ListReason.Unreachable or ListReason.Unreadable)
            {
                activity.SetStatus(ActivityStatusCode.Error, result.Fault?.Message);
            }
        }
        Took("read", took);
    }

    public static void Took(string call, TimeSpan took) =>
        s_duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("call", call));
}
