using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Telemetry.Batches;

namespace StreamRec.Tests.Telemetry.Batches;

public sealed class BatchTelemetryTests : IDisposable
{
    private static readonly TimeSpan s_ms = TimeSpan.FromMilliseconds(1);

    // Others publish and trace beside this.
    private readonly string _topic = $"clicks-{Guid.NewGuid():N}";
    private readonly List<Activity> _spans = [];
    private readonly BatchTelemetry _batches;

    public BatchTelemetryTests() => _batches = new BatchTelemetry(_topic, "g", TimeProvider.System);

    public void Dispose() => _batches.Dispose();

    [Fact]
    public void One_click_is_a_link_of_the_one_span_of_its_batch_whose_children_end_before_it()
    {
        using var listener = Listen();
        var message = new Message<byte[], byte[]>();
        PublisherTelemetry.Begin(_topic, message).Dispose();
        var sent = Assert.Single(Spans, span => span.OperationName == $"send {_topic}");

        _batches.Contexts.Note(Record(7, message.Headers));
        Work(to: 8);

        var process = Assert.Single(Spans, span => span.OperationName == $"process {_topic}");
        Assert.Equal(ActivityKind.Consumer, process.Kind);
        Assert.Equal(sent.TraceId, Assert.Single(process.Links).Context.TraceId);
        Assert.NotEqual(sent.TraceId, process.TraceId);
        Assert.Equal(ActivityStatusCode.Unset, process.Status);
        var children = Spans.FindAll(span => span.ParentSpanId == process.SpanId);
        Assert.Equal(["encode", "rank", "EVAL"], children.Select(child => child.OperationName));
        Assert.Equal(ActivityKind.Client, children[2].Kind);
        Assert.All(
            children,
            child =>
            {
                Assert.InRange(child.StartTimeUtc, process.StartTimeUtc, process.StartTimeUtc + process.Duration);
                Assert.True(child.StartTimeUtc + child.Duration <= process.StartTimeUtc + process.Duration);
            }
        );
    }

    [Fact]
    public void A_batch_has_the_links_of_its_own_records_and_at_most_128()
    {
        using var listener = Listen();
        for (var offset = 0; offset < 300; offset++)
        {
            _batches.Contexts.Note(Record(offset, Traced()));
        }
        Work(to: 200);
        Work(to: 300);

        var spans = Spans.FindAll(span => span.OperationName == $"process {_topic}");
        Assert.Equal([128, 100], spans.Select(span => span.Links.Count()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-nonsense")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public void A_header_that_is_no_trace_is_passed_over(string parent)
    {
        using var listener = Listen();

        _batches.Contexts.Note(Record(0, new Headers { { "traceparent", Encoding.UTF8.GetBytes(parent) } }));
        Work(to: 1);

        Assert.Empty(Spans.Single(span => span.OperationName == $"process {_topic}").Links);
    }

    [Fact]
    public void A_refused_step_is_told_as_an_error()
    {
        using var listener = Listen();

        Work(to: 1, error: "fenced");

        var span = Spans.Single(span => span.OperationName == $"process {_topic}");
        Assert.Equal((ActivityStatusCode.Error, "fenced"), (span.Status, span.GetTagItem("error.type")));
    }

    [Fact]
    public void While_nobody_listens_an_event_costs_no_byte()
    {
        var contexts = new RecordContexts(() => false);
        var record = Record(0, Traced());
        contexts.Note(record);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000; i++)
        {
            contexts.Note(record);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Empty(contexts.Take(0, long.MaxValue));
    }

    [Fact]
    public void A_batch_is_counted_under_the_names_of_the_conventions()
    {
        var measured = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == MessagingMetrics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            var told = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").ToArray();
            // The one without a topic is told of by others too.
            if (told.Contains($"messaging.destination.name={_topic}"))
            {
                var shown = value is long ? $" {value}" : "";
                measured.Add($"{instrument.Name}{shown} {string.Join(' ', told[3..])}");
            }
        }
        listener.SetMeasurementEventCallback<long>(Take);
        listener.SetMeasurementEventCallback<double>(Take);
        listener.Start();

        Work(to: 3);
        Work(to: 5, error: "conflict");

        Assert.Equal(
            [
                "messaging.process.duration messaging.consumer.group.name=g",
                "messaging.client.consumed.messages 3 messaging.consumer.group.name=g "
                    + "messaging.destination.partition.id=0",
                "messaging.process.duration messaging.consumer.group.name=g error.type=conflict",
            ],
            measured
        );
    }

    // Tests of other classes end spans meanwhile.
    private List<Activity> Spans
    {
        get
        {
            lock (_spans)
            {
                return [.. _spans];
            }
        }
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "StreamRec" or "StreamRec.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_spans)
                {
                    _spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private void Work(long to, string? error = null)
    {
        var began = TimeProvider.System.GetTimestamp() - 10 * TimeProvider.System.TimestampFrequency / 1_000;
        _batches.Computed(new(0, 3, began, s_ms, s_ms, 2 * s_ms));
        var stored = began + 5 * TimeProvider.System.TimestampFrequency / 1_000;
        _batches.Stored(new(0, to, stored, s_ms, error, Answered: true));
    }

    private static Headers Traced() =>
        new() { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"u8.ToArray() } };

    private static ConsumeResult<byte[], byte[]> Record(long offset, Headers headers) =>
        new()
        {
            TopicPartitionOffset = new("t", 0, offset),
            Message = new() { Headers = headers },
        };
}
