using System.Diagnostics;
using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;

namespace StreamRec.DeadLetters;

/// <summary>Publishes dead letters again to the topic that they came from.</summary>
/// <param name="partitionOf">The partition that the worker expects a key in.</param>
/// <param name="perSecond">The most records a second.</param>
internal sealed class LetterReplay(
    KafkaSettings settings,
    ReplayRule rule,
    Func<byte[], int> partitionOf,
    double perSecond,
    TimeProvider time
) : IDisposable
{
    private const int AtOnce = 100;

    /// <summary>As a header of what was replayed: the identity of the record that the letter is of.</summary>
    public const string ReplayedHeader = "streamrec.replayed";

    private readonly RecordProducer _producer = settings.Open(() =>
        new RecordProducer(
            settings.Apply(new ProducerConfig { MessageTimeoutMs = 30_000, MessageMaxBytes = 16 << 20 }),
            onLog: settings.Log.Write
        )
    );

    public void Dispose() => _producer.Dispose();

    /// <param name="dryRun">Publish nothing, remember nothing.</param>
    /// <exception cref="StreamRecException">Kafka refuses, or does not acknowledge.</exception>
    public async Task<ReplayCounts> RunAsync(
        IEnumerable<Letter> letters,
        ReplayMemory memory,
        bool dryRun,
        Action<ReplayCounts> report,
        CancellationToken cancel
    )
    {
        var counts = new ReplayCounts();
        var pace = Stopwatch.StartNew();
        var most = (int)Math.Clamp(perSecond, 1, AtOnce);
        // The same record can have been kept twice.
        var taken = new HashSet<LetterSource>();
        foreach (var chunk in Chosen(letters, memory, taken, counts).Chunk(most))
        {
            cancel.ThrowIfCancellationRequested();
            if (!dryRun)
            {
                await PublishAsync(chunk);
                await memory.AddAsync([.. chunk.Select(one => one.Letter.Source)]);
            }
            Array.ForEach(chunk, one => counts.Replay(one.Letter.Reason));
            report(counts);
            var due = TimeSpan.FromSeconds(counts.Replayed / perSecond);
            if (!dryRun && due - pace.Elapsed is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, time, cancel);
            }
        }
        return counts;
    }

    private IEnumerable<(Letter Letter, ReplayVerdict Verdict)> Chosen(
        IEnumerable<Letter> letters,
        ReplayMemory memory,
        HashSet<LetterSource> taken,
        ReplayCounts counts
    )
    {
        foreach (var letter in letters)
        {
            var known = memory.Knows(letter.Source);
            var verdict = rule.Of(letter, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (verdict.Skipped is not null || known || !taken.Add(letter.Source))
            {
                counts.Skip(verdict.Skipped ?? ReplayRule.Already);
                continue;
            }
            yield return (letter, verdict);
        }
    }

    private async Task PublishAsync((Letter Letter, ReplayVerdict Verdict)[] chunk)
    {
        try
        {
            await Task.WhenAll(
                chunk.Select(one =>
                    _producer.ProduceAsync(
                        new TopicPartition(rule.Topic, partitionOf(one.Verdict.Key)),
                        new Message<byte[], byte[]>
                        {
                            Key = one.Verdict.Key,
                            Value = one.Letter.Value,
                            Timestamp = new Timestamp(one.Verdict.TimestampMs, TimestampType.CreateTime),
                            Headers = new Headers
                            {
                                { ReplayedHeader, System.Text.Encoding.UTF8.GetBytes(one.Letter.Source.Identity) },
                            },
                        },
                        CancellationToken.None
                    )
                )
            );
        }
        catch (ProduceException<byte[], byte[]> fault)
        {
            throw settings.Refusal(fault.Error, $"writing to topic '{rule.Topic}'")
                ?? settings.Unreachable($"did not acknowledge what was replayed ({fault.Error.Reason})");
        }
    }
}

/// <summary>What a replay did, or would do.</summary>
internal sealed class ReplayCounts
{
    private readonly SortedDictionary<string, long> _replayed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _skipped = new(StringComparer.Ordinal);

    public long Replayed => _replayed.Values.Sum();

    /// <summary>By the letters' reasons.</summary>
    public IReadOnlyDictionary<string, long> ByReason => _replayed;

    /// <summary>By <see cref="ReplayRule"/>'s texts.</summary>
    public IReadOnlyDictionary<string, long> Skipped => _skipped;

    public void Replay(string reason) => _replayed[reason] = _replayed.GetValueOrDefault(reason) + 1;

    public void Skip(string why) => _skipped[why] = _skipped.GetValueOrDefault(why) + 1;
}
