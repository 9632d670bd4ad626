using System.Collections.Concurrent;
using Confluent.Kafka;
using StreamRec.Catalogue;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Http.Page;

/// <summary>
/// Items' titles out of the catalogue's topic, which it follows on a thread of its own. The worker itself keeps none:
/// no list depends on them.
/// </summary>
internal sealed class ItemTitles : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string> _titles = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>An item's title; null where none is known.</summary>
    public string? Of(string item) => _titles.GetValueOrDefault(item);

    /// <summary>Follows the topic until disposed of, however long Kafka is away.</summary>
    public void Follow(KafkaSettings settings, string topic) =>
        Blocking.RunAsync(() =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    Read(settings, topic);
                }
                catch (Exception)
                {
                    // Whatever it was: items are shown by their ids meanwhile, and the worker tells of a topic that
                    // cannot be read.
                    _stop.Token.WaitHandle.WaitOne(s_again);
                }
            }
            return true;
        });

    /// <summary>Takes a record: the last one of an item says what its title is.</summary>
    public void Take(byte[] key, byte[]? value)
    {
        var item = System.Text.Encoding.UTF8.GetString(key);
        if (value is not null && ItemJson.TryParse(key, value, out var facts, out _) && facts.Title is { } title)
        {
            _titles[item] = title;
        }
        else
        {
            _titles.TryRemove(item, out _);
        }
    }

    public void Dispose() => _stop.Cancel();

    private void Read(KafkaSettings settings, string topic)
    {
        using var consumer = AssignedConsumer.Open(settings, "streamrec-page");
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        _titles.Clear();
        while (!_stop.IsCancellationRequested)
        {
            if (consumer.Consume(s_poll) is { IsPartitionEOF: false, Message: { Key: { } key } message })
            {
                Take(key, message.Value);
            }
        }
    }
}
