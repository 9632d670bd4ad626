using Microsoft.AspNetCore.Http;
using StreamRec.DeadLetters;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Http.Page;

/// <summary>
/// The last dead letters of all workers, read from their topic when they are asked for, on a thread of its own; one
/// reading at a time, whose answer all get who asked meanwhile.
/// </summary>
internal sealed class DeadLetterTail(KafkaSettings settings, string topic, TimeProvider time) : IDisposable
{
    /// <summary>The most that are shown.</summary>
    public const int Most = 200;

    // Of a value, which may have as much as the topic takes.
    private const int MostBytes = 1_024;

    // How long an answer is good enough for who asks next.
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task<(int, byte[])>? _reading;
    private long _began;

    /// <summary>The letters as JSON, the newest first, with the status of the answer.</summary>
    public async Task<(int Status, byte[] Json)> ReadAsync(CancellationToken cancel)
    {
        Task<(int, byte[])> reading;
        lock (_lock)
        {
            if (_reading is null || (_reading.IsCompleted && time.GetElapsedTime(_began) > s_fresh))
            {
                (_reading, _began) = (Blocking.RunAsync(Read), time.GetTimestamp());
            }
            reading = _reading;
        }
        try
        {
            return await reading.WaitAsync(s_limit, time, cancel);
        }
        catch (TimeoutException)
        {
            return (
                StatusCodes.Status504GatewayTimeout,
                Refused($"{settings} has not answered for {s_limit.TotalSeconds:F0} s.")
            );
        }
    }

    public void Dispose() => _stop.Cancel();

    /// <summary>
    /// The newest of them, and what of each is shown: bytes with nothing in them that could act. Of all others, and of
    /// what is not shown, nothing is kept.
    /// </summary>
    internal static byte[] Write(string topic, IEnumerable<Letter> letters) =>
        JsonAnswer.Write(json =>
        {
            json.WriteString("topic", topic);
            json.WriteStartArray("letters");
            foreach (var (letter, bytes) in Newest(letters))
            {
                json.WriteStartObject();
                json.WriteString("place", letter.Place);
                json.WriteNumber("written_at", letter.WrittenMs);
                json.WriteString("reason", Excerpt.Of(letter.Reason));
                json.WriteString("message", Excerpt.Of(letter.Message));
                json.WriteString("topic", Excerpt.Of(letter.Source.Topic));
                json.WriteNumber("partition", letter.Source.Partition);
                json.WriteNumber("offset", letter.Source.Offset);
                json.WriteString("key", Excerpt.Whole(letter.Key));
                json.WriteString("value", Excerpt.Whole(letter.Value));
                json.WriteNumber("value_bytes", bytes);
                json.WriteBoolean("cut", letter.IsCut || bytes > MostBytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private (int, byte[]) Read()
    {
        try
        {
            var records = new TopicReader(settings, topic, _stop.Token).Last(Most);
            return (StatusCodes.Status200OK, Write(topic, records.Select(Letter.Of).OfType<Letter>()));
        }
        catch (StreamRecException fault)
        {
            return (StatusCodes.Status503ServiceUnavailable, Refused(fault.Message));
        }
        catch (OperationCanceledException)
        {
            return (StatusCodes.Status503ServiceUnavailable, Refused("The worker is stopping."));
        }
    }

    private static IEnumerable<(Letter Shown, int Bytes)> Newest(IEnumerable<Letter> letters)
    {
        var newest = new PriorityQueue<(Letter Shown, int Bytes), (long, long)>();
        foreach (var letter in letters)
        {
            var shown = letter with { Key = Start(letter.Key), Value = Start(letter.Value) };
            newest.Enqueue((shown, letter.Value.Length), (letter.WrittenMs, letter.Source.Offset));
            if (newest.Count > Most)
            {
                newest.Dequeue();
            }
        }
        return newest.UnorderedItems.OrderByDescending(one => one.Priority).Select(one => one.Element);
    }

    private static byte[] Start(byte[] bytes) => bytes.Length > MostBytes ? bytes[..MostBytes] : bytes;

    private static byte[] Refused(string why) => JsonAnswer.Write(json => json.WriteString("error", why));
}
