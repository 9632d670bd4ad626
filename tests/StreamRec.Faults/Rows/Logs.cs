using Confluent.Kafka;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;

namespace StreamRec.Faults.Rows;

/// <summary>Rows about what the log holds: aborted transactions, repetitions, disorder, poison, strays.</summary>
internal static class Logs
{
    public static IEnumerable<Row> Rows =>
        [
            new(19, "aborted producer transactions, also at the log's end", AbortAsync),
            new(20, "application retries inside and outside the window", RetryAsync),
            new(21, "out-of-order, late and equal timestamps (the property test is in StreamRec.Tests)", DisorderAsync),
            new(22, "truncated, NaN, bad UTF-8, wrong and random payloads, 10 MiB", PoisonAsync)
            {
                Topic = [("max.message.bytes", "12000000")],
            },
            new(33, "producers with two partitioners, strays re-routed", StrayAsync),
            new(36, "a poison record larger than the dead-letter topic takes", LargestAsync)
            {
                Topic = [("max.message.bytes", "12000000")],
            },
        ];

    private static async Task<TimeSpan> AbortAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig
            {
                BootstrapServers = stage.Kafka.Bootstrap,
                TransactionalId = stage.Name,
                Partitioner = Partitioner.Murmur2Random,
            }
        ).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(60));
        void Transaction(int number, bool commit)
        {
            producer.BeginTransaction();
            for (var i = 0; i < 40; i++)
            {
                producer.Produce(
                    stage.Name,
                    new Message<string, string>
                    {
                        Key = $"u{i:D6}",
                        Value = new DataEvent(
                            $"tx{number:D4}-{i:D3}",
                            $"u{i:D6}",
                            "i000001",
                            1_700_000_000_000L + number
                        ).ToJson(),
                    }
                );
            }
            // What is not in the log yet would be dropped here, not aborted there.
            producer.Flush(TimeSpan.FromSeconds(60));
            if (commit)
            {
                producer.CommitTransaction(TimeSpan.FromSeconds(60));
            }
            else
            {
                producer.AbortTransaction(TimeSpan.FromSeconds(60));
            }
        }
        var recovered = await Flow.AmidAsync(
            stage,
            () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    Transaction(i, commit: i % 2 == 0);
                }
                stage.Observe("10 of 20 transactions aborted");
                return Task.CompletedTask;
            }
        );
        await stage.StartedAsync();
        Transaction(99, commit: false);
        await stage.SettledAsync();
        stage.Observe("lag 0 behind an aborted transaction at the end");
        await stage.StopAllAsync();
        return recovered;
    }

    private static async Task<TimeSpan> RetryAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        List<DataEvent> sent = [];
        return await Flow.AmidAsync(
            stage,
            () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    var click = stage.Traffic.NextEvent();
                    sent.Add(click);
                    stage.Traffic.Send(click);
                    // Soon after, and again when its user's window has long passed.
                    if (i % 3 == 0)
                    {
                        stage.Traffic.Send(sent[Math.Max(0, i - 5)]);
                    }
                }
                for (var i = 0; i < 500; i++)
                {
                    stage.Traffic.Send(sent[i]);
                }
                stage.Observe("667 repetitions inside, 500 mostly outside the window");
                return Task.CompletedTask;
            }
        );
    }

    private static async Task<TimeSpan> DisorderAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        var random = new Random(21);
        return await Flow.AmidAsync(
            stage,
            () =>
            {
                for (var i = 0; i < 3000; i++)
                {
                    // Times of one hour, in steps of ten minutes: many are equal, most are out of order, some below the
                    // floor.
                    stage.Traffic.Send(
                        stage.Traffic.NextEvent() with
                        {
                            TimeMs = 1_700_000_000_000L + random.Next(7) * 600_000,
                        }
                    );
                }
                stage.Observe("3000 events in random order of time");
                return Task.CompletedTask;
            }
        );
    }

    private static async Task<TimeSpan> PoisonAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.StartedAsync();
        var random = new Random(22);
        using var producer = Bytes(stage);
        var recovered = await Flow.AmidAsync(
            stage,
            () =>
            {
                for (var i = 0; i < 600; i++)
                {
                    var good = System.Text.Encoding.UTF8.GetBytes(stage.Traffic.NextEvent().ToJson());
                    var bad = (i % 6) switch
                    {
                        0 => good[..random.Next(good.Length)],
                        1 => System.Text.Encoding.UTF8.GetBytes(
                            """{"event_id":"x","user_id":"u000001","item_id":"i1","ts":NaN}"""
                        ),
                        2 => [.. good[..20], 0xC3, 0x28, .. good[20..]],
                        3 => System.Text.Encoding.UTF8.GetBytes(
                            """{"event_id":7,"user_id":["u"],"item_id":null,"ts":"tomorrow"}"""
                        ),
                        4 => Random(random, random.Next(1, 2000)),
                        _ => [],
                    };
                    producer.Produce(
                        stage.Name,
                        new Message<byte[], byte[]>
                        {
                            Key = System.Text.Encoding.UTF8.GetBytes($"u{i % 50:D6}"),
                            Value = bad,
                        }
                    );
                }
                producer.Produce(
                    stage.Name,
                    new Message<byte[], byte[]>
                    {
                        Key = System.Text.Encoding.UTF8.GetBytes("u000001"),
                        Value = new byte[10 << 20],
                    }
                );
                producer.Flush(TimeSpan.FromSeconds(60));
                return Task.CompletedTask;
            }
        );
        stage.Observe("601 poison records, one of 10 MiB");
        return recovered;
    }

    private static async Task<TimeSpan> LargestAsync(Stage stage)
    {
        await stage.Kafka.CreateTopicAsync(stage.Name + ".dead-letters", 1, ("max.message.bytes", "100000"));
        await stage.StartedAsync();
        using var producer = Bytes(stage);
        var recovered = await Flow.AmidAsync(
            stage,
            () =>
            {
                for (var i = 0; i < 3; i++)
                {
                    producer.Produce(
                        stage.Name,
                        new Message<byte[], byte[]>
                        {
                            Key = System.Text.Encoding.UTF8.GetBytes($"u{i:D6}"),
                            Value = Random(new Random(i), 11_500_000),
                        }
                    );
                }
                producer.Flush(TimeSpan.FromSeconds(60));
                return Task.CompletedTask;
            }
        );
        var cut = TopicLog
            .Read(stage.Kafka.Bootstrap, stage.Name + ".dead-letters", 1)
            .Records.Count(r => r.Value!.Length == 4096);
        stage.Observe(
            cut == 3
                ? "3 letters of 11.5 MB were cut, with their SHA-256"
                : throw new InvalidOperationException($"{cut} letters were cut")
        );
        return recovered;
    }

    private static async Task<TimeSpan> StrayAsync(Stage stage)
    {
        stage.ReRouted = true;
        stage.Settings = stage.Settings with { Further = ["--strays", "re-route"] };
        await stage.StartedAsync();
        await stage.StartedAsync();
        using var other = new Traffic(
            stage.Kafka.Bootstrap,
            stage.Name,
            seed: 33,
            partitioner: Partitioner.ConsistentRandom
        );
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    var click = other.NextEvent();
                    other.Send(click with { EventId = $"crc-{click.EventId}" });
                }
                other.Flush();
                var log = TopicLog.Read(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions);
                var strays = new ReferenceFold(stage.Kept, Stage.Partitions).Fold(log.Records).Refused.Count;
                stage.Observe(
                    strays > 0
                        ? $"{strays} strays by CRC32, re-routed"
                        : throw new InvalidOperationException("there was no stray")
                );
            }
        );
    }

    private static IProducer<byte[], byte[]> Bytes(Stage stage) => new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig
            {
                BootstrapServers = stage.Kafka.Bootstrap,
                EnableIdempotence = true,
                Partitioner = Partitioner.Murmur2Random,
                MessageMaxBytes = 12_000_000,
            }
        ).SetLogHandler((_, _) => { }).Build();

    private static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
