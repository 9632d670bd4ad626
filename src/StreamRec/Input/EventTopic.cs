using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Input;

/// <summary>A topic's events, from its beginning to the end that it has when reading starts.</summary>
internal sealed class EventTopic(KafkaSettings settings, string topic, CancellationToken cancel) : IEventSource
{
    private readonly BadInput _bad = new($"topic {topic}", "records");

    public long Bad => _bad.Count;

    public IEnumerable<ClickEvent> Events()
    {
        foreach (var (partition, offset, value) in new TopicReader(settings, topic, cancel).Values())
        {
            if (EventJson.TryParse(value, out var click, out var error))
            {
                yield return click;
            }
            else
            {
                _bad.Tell($"{topic}[{partition}]@{offset}: {error}");
            }
        }
        _bad.TellAll();
    }
}
