namespace StreamRec.Client;

/// <summary>Kafka did not take an event. Publish it again: a duplicate counts once.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What Kafka's client says.</param>
public sealed class EventNotPublishedException(string message, Exception? inner) : Exception(message, inner);
