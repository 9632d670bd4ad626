using StreamRec.Events;

namespace StreamRec.Client.Testing;

/// <summary>
/// Keeps events instead of publishing them, for tests of what publishes: checks them as the publisher to Kafka does.
/// Safe for any number of threads.
/// </summary>
/// <param name="partitions">Of the topic that it plays: a user's events have the same partition.</param>
/// <param name="topicUuid">The incarnation that positions name.</param>
public sealed class InMemoryPublisher(int partitions = 1, string topicUuid = "memory") : IEventPublisher
{
    private readonly Lock _lock = new();
    private readonly List<ClickEvent> _published = [];
    private readonly long[] _next = new long[partitions];
    private long _failed;
    private bool _fails;

    /// <summary>What was published, in order.</summary>
    public IReadOnlyList<ClickEvent> Published
    {
        get
        {
            lock (_lock)
            {
                return [.. _published];
            }
        }
    }

    /// <summary>Whether events are refused from now on, as by a Kafka that is away.</summary>
    public bool Fails
    {
        get => Volatile.Read(ref _fails);
        set => Volatile.Write(ref _fails, value);
    }

    /// <inheritdoc/>
    public Task<EventPosition> PublishAsync(ClickEvent click, CancellationToken cancel = default)
    {
        if (cancel.IsCancellationRequested)
        {
            return Task.FromCanceled<EventPosition>(cancel);
        }
        try
        {
            return Add(click) is { } position
                ? Task.FromResult(position)
                : Task.FromException<EventPosition>(new EventNotPublishedException("Told to fail.", null));
        }
        catch (InvalidEventException fault)
        {
            return Task.FromException<EventPosition>(fault);
        }
    }

    /// <inheritdoc/>
    public void Enqueue(in ClickEvent click)
    {
        if (Add(click) is null)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    /// <inheritdoc/>
    public long Flush(TimeSpan limit) => Interlocked.Exchange(ref _failed, 0);

    private EventPosition? Add(in ClickEvent click)
    {
        if (EventRules.Check(click) is { } error)
        {
            throw new InvalidEventException(error);
        }
        lock (_lock)
        {
            if (Fails)
            {
                return null;
            }
            _published.Add(click);
            var partition = Partition(click.UserId);
            return new(topicUuid, partition, _next[partition]++);
        }
    }

    // Any that is the same for the same user, in every run: no list here depends on which.
    private int Partition(string userId) =>
        (int)(userId.Aggregate(17u, (hash, letter) => (hash * 31) + letter) % (uint)_next.Length);
}
