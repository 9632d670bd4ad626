using StreamRec.Events;

namespace StreamRec.Client;

/// <summary>Publishes click events. Safe for any number of threads.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes an event, and waits until it is in the log.</summary>
    /// <param name="click">The event.</param>
    /// <param name="cancel">Stops waiting; the event may be published all the same.</param>
    /// <returns>Where it stands: <see cref="IListReader.WaitForAsync"/> waits for the list that includes it.</returns>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    /// <exception cref="EventNotPublishedException">Kafka did not take it.</exception>
    /// <exception cref="InvalidOperationException">The worker expects keys by another hash.</exception>
    Task<EventPosition> PublishAsync(ClickEvent click, CancellationToken cancel = default);

    /// <summary>
    /// Hands an event over, for many at once; waits while there is no room. <see cref="Flush"/> tells of failures.
    /// </summary>
    /// <param name="click">The event.</param>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    void Enqueue(in ClickEvent click);

    /// <summary>Waits until every event that was enqueued is in the log.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <returns>How many were not taken since the flush before, or are not there yet.</returns>
    long Flush(TimeSpan limit);
}
