using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamRec.Catalogue;
using StreamRec.Hosting.Start;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Follows a catalogue that was read to its end: what comes is shown some 0.1 s later. A topic that cannot be read
/// changes nothing, and one that was made anew is read to its end before it is shown.
/// </summary>
/// <param name="open">A feed that has read nothing yet.</param>
/// <param name="changed">Told of each view; from the thread that reads.</param>
/// <param name="check">How often the topic's id is looked at.</param>
internal sealed class CatalogueWatch(
    CatalogueFeed feed,
    TopicInspector inspector,
    Func<TopicFacts, CatalogueFeed> open,
    Action<CatalogueFeed, CatalogueView> changed,
    TimeSpan check,
    TimeProvider time,
    ILogger log
) : IDisposable
{
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(100),
        s_look = TimeSpan.FromSeconds(5),
        s_again = TimeSpan.FromSeconds(1);

    private CatalogueFeed _feed = feed;
    private long _current = time.GetTimestamp();
    private bool _running;

    /// <summary>When all that the topic holds was last known to be read.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _current));

    /// <summary>Reads until cancelled, on a thread of its own: the client's calls block.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        _running = true;
        return Task.Factory.StartNew(
            () => Run(stop),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>What was run disposes of its feed by itself, once the client lets go of the thread.</summary>
    public void Dispose()
    {
        if (!_running)
        {
            _feed.Dispose();
        }
    }

    private void Run(CancellationToken stop)
    {
        try
        {
            FollowUntil(stop);
        }
        finally
        {
            _feed.Dispose();
        }
    }

    private void FollowUntil(CancellationToken stop)
    {
        var (looked, checkedAt) = (_current, _current);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Follow(ref looked, stop);
                if (time.GetElapsedTime(checkedAt) >= check)
                {
                    checkedAt = time.GetTimestamp();
                    Renew(anyway: false, stop);
                }
            }
            catch (KafkaException)
            {
                // It was deleted, or what comes next is no longer there: what this feed has read is all that it can.
                stop.WaitHandle.WaitOne(s_again);
                Renew(anyway: true, stop);
            }
        }
    }

    private void Follow(ref long looked, CancellationToken stop)
    {
        if (_feed.ReadFor(s_gather, stop) && !stop.IsCancellationRequested && _feed.View() is { } view)
        {
            changed(_feed, view);
        }
        if (time.GetElapsedTime(looked) >= s_look)
        {
            looked = time.GetTimestamp();
            if (_feed.IsAtEnd())
            {
                Volatile.Write(ref _current, looked);
            }
        }
    }

    private void Renew(bool anyway, CancellationToken stop)
    {
        var topic = _feed.Topic;
        var now = inspector.LookAsync(topic.Name, topic.Uuid != topic.Name).GetAwaiter().GetResult();
        if (now is null || (!anyway && now == topic) || stop.IsCancellationRequested)
        {
            return;
        }
        if (CatalogueTopic.Fault(now, null) is { } fault)
        {
            DoubtLog.Tell(log, $"the catalogue stays as it is: {fault.TrimEnd('.')}");
            return;
        }
        var fresh = open(now);
        try
        {
            fresh.ReadToEnd(stop);
        }
        catch (Exception unread) when (unread is StreamRecException or OperationCanceledException)
        {
            fresh.Dispose();
            return;
        }
        (_feed, var old) = (fresh, _feed);
        old.Dispose();
        if (_feed.View() is { } view)
        {
            changed(_feed, view);
        }
    }
}
