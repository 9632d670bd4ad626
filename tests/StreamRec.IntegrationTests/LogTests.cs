using System.Security.Cryptography;
using Confluent.Kafka;
using StreamRec.Commands;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>What only a real log holds: records of any size, transactions, and their control records.</summary>
[Collection(nameof(Servers))]
public sealed class LogTests(Servers servers)
{
    private const int CutBytes = 4096,
        Users = 40;
    private static readonly TimeSpan s_kafka = TimeSpan.FromSeconds(60);

    [ServerFact]
    public async Task A_record_of_10_MiB_is_kept_as_a_cut_dead_letter_with_its_hash()
    {
        await using var stage = await OpenAsync("large", ("max.message.bytes", "12000000"));
        await servers.Kafka.CreateTopicAsync(stage.Name + ".dead-letters", 1);
        var (key, large) = ("u000001"u8.ToArray(), new byte[10 << 20]);
        new Random(1).NextBytes(large);
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap, MessageMaxBytes = 12_000_000 }
        )
            .SetLogHandler((_, _) => { })
            .Build();
        await stage.Traffic.SendAsync(400, 4000);
        var place = await producer.ProduceAsync(new TopicPartition(stage.Name, 2), new() { Key = key, Value = large });
        await stage.Traffic.SendAsync(400, 4000);

        await WorkedToTheEndAsync(stage);

        var letter = Assert.Single(TopicLog.Read(servers.Kafka.Bootstrap, stage.Name + ".dead-letters", 1).Records);
        string Header(string name) =>
            System.Text.Encoding.UTF8.GetString(letter.Headers.GetLastBytes($"streamrec.{name}"));
        Assert.Equal(("record_too_large", "true"), (Header("reason"), Header("cut")));
        Assert.Equal(("2", $"{place.Offset.Value}"), (Header("partition"), Header("offset")));
        Assert.Equal($"{large.Length}", Header("value_bytes"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(large)), Header("value_sha256"));
        Assert.Equal(key, letter.Key);
        Assert.Equal(large[..CutBytes], letter.Value);
    }

    [ServerFact]
    public async Task Transactions_count_where_they_are_committed_and_their_control_records_leave_no_lag()
    {
        await using var stage = await OpenAsync("transactions");
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig
            {
                BootstrapServers = servers.Kafka.Bootstrap,
                TransactionalId = stage.Name,
                Partitioner = Partitioner.Murmur2Random,
            }
        ).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(s_kafka);
        for (var number = 0; number < 6; number++)
        {
            Transact(producer, stage.Name, number);
        }
        await WorkedToTheEndAsync(stage);
        var log = TopicLog.Read(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions);
        Assert.Equal(3 * Users, log.Records.Count);
        Assert.True(log.Ends.Sum() > 6 * Users, "the log holds no control records");

        // The same for a worker that stays: an aborted transaction alone moves it on to the log's new end.
        var worker = await stage.StartedAsync();
        Transact(producer, stage.Name, 7);
        await stage.SettledAsync();
        var said = worker.Output.Length;
        await Wait.UntilAsync(
            "the worker reports that its lag is 0",
            () => worker.Output[said..].Contains("lag 0;", StringComparison.Ordinal),
            Stage.Limit
        );
        await stage.StopAllAsync();
        await HoldsAsync(stage);
        var ends = TopicLog.EndsOf(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions);
        Assert.Equal(ends, await servers.Kafka.CommittedAsync(stage.Settings.Group, stage.Name, Stage.Partitions));
    }

    [ServerFact]
    public async Task A_next_offset_behind_the_logs_end_halts_a_worker_that_would_stop_at_the_end()
    {
        await using var stage = await OpenAsync("behind");
        await stage.Traffic.SendAsync(200, 4000);
        await WorkedToTheEndAsync(stage);
        await stage.Database.HashIncrementAsync(stage.Oracle.Meta(1), "next", 7);

        var worker = stage.Start(null, "--until-end");

        Assert.True(await stage.EndsAsync(worker) == (int)ExitCode.Halted, worker.Output);
        Assert.Contains("(Fork)", worker.Output);
    }

    /// <summary>One event of every user; committed where the number is even.</summary>
    private static void Transact(IProducer<string, string> producer, string topic, int number)
    {
        producer.BeginTransaction();
        for (var i = 0; i < Users; i++)
        {
            var click = new DataEvent(
                $"tx{number:D4}-{i:D3}",
                $"u{i:D6}",
                $"i{(number + i) % 300:D6}",
                1_700_000_000_000L + number * 1000L
            );
            producer.Produce(topic, new() { Key = click.UserId, Value = click.ToJson() });
        }
        // What is not in the log yet would be dropped here, not aborted there.
        producer.Flush(s_kafka);
        if (number % 2 == 0)
        {
            producer.CommitTransaction(s_kafka);
        }
        else
        {
            producer.AbortTransaction(s_kafka);
        }
    }

    private async Task<Stage> OpenAsync(string name, params (string Name, string Value)[] topic)
    {
        var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), name);
        await stage.OpenAsync([], topic);
        return stage;
    }

    /// <summary>
    /// A worker with --until-end ends by itself, at the log's end, and what it left is the reference's.
    /// </summary>
    private static async Task WorkedToTheEndAsync(Stage stage)
    {
        var worker = stage.Start(null, "--until-end");
        Assert.True(await stage.EndsAsync(worker) == 0, worker.Output);
        Assert.Equal(
            TopicLog.EndsOf(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions),
            await stage.Oracle.NextAsync()
        );
        await HoldsAsync(stage);
    }

    private static async Task HoldsAsync(Stage stage)
    {
        var verdict = await stage.JudgeAsync();
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
    }
}
