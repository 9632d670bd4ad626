using System.Collections.Concurrent;
using StreamRec.Serving;

namespace StreamRec.Telemetry.Batches;

/// <summary>
/// What batches are told of to whoever collects by OpenTelemetry's conventions: <see cref="BatchTraces"/> and
/// <see cref="MessagingMetrics"/>. Costs nothing while nobody does, and else once a batch.
/// </summary>
internal sealed class BatchTelemetry : IDisposable
{
    private readonly TimeProvider _time;
    private readonly BatchTraces _traces;
    private readonly MessagingMetrics _metrics;

    // By partition, which has one batch at a time: computed, and not over yet.
    private readonly ConcurrentDictionary<int, BatchTimings> _computed = new();

    public BatchTelemetry(string topic, string group, TimeProvider time)
    {
        (_time, _metrics) = (time, new MessagingMetrics(topic, group));
        _traces = new BatchTraces(topic, group, Contexts.Take, time);
    }

    /// <summary>The traces that records belong to.</summary>
    public RecordContexts Contexts { get; } = new(BatchTraces.IsWanted);

    /// <summary>A batch was computed. From any thread.</summary>
    public void Computed(in BatchTimings batch)
    {
        if (BatchTraces.IsWanted() || _metrics.IsWanted)
        {
            _computed[batch.Partition] = batch;
        }
    }

    /// <summary>The store was asked to take a batch's step. From any thread.</summary>
    public void Stored(in StepTaken step)
    {
        _metrics.Asked(step);
        // Without an answer the same step is asked for again.
        if (step.Answered && _computed.TryRemove(step.Partition, out var batch))
        {
            _metrics.Tell(batch, step, _time.GetElapsedTime(batch.Began));
            if (BatchTraces.IsWanted())
            {
                _traces.Tell(batch, step);
            }
        }
    }

    public void Dispose() => _metrics.Dispose();
}
