using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests;

/// <summary>
/// The main job on real input: ml-100k, trained on its first 80 % by time, replayed whole, worked by two processes of
/// one group, which are killed while they have batches unacknowledged, and started again.
/// </summary>
[Collection(nameof(Servers))]
public sealed class ReplayTests(Servers servers, ITestOutputHelper output) : IDisposable
{
    private const int Partitions = 8,
        BatchRecords = 64,
        PerSecond = 1500;
    private const double TrainingShare = 0.8;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-replay-");

    [ServerFact]
    public async Task Killed_workers_lose_nothing_and_the_lists_beat_popularity()
    {
        var (events, name) = EventData.Load();
        var whole = Save("all.jsonl", events);
        var training = Save("training.jsonl", events.Take((int)(events.Count * TrainingShare)));
        var bundle = Path.Combine(_directory.FullName, "model");
        await Streamrec.RunAsync([
            "train",
            "--events",
            training,
            "--bundle",
            bundle,
            "--minutes",
            "0.5",
            "--seed",
            "1",
        ]);
        var topic = $"replay-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, Partitions);
        var settings = new WorkerSettings(
            bundle,
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Environment = new Dictionary<string, string>
            {
                ["STREAMREC__KAFKA__session.timeout.ms"] = "6000",
                ["STREAMREC__BATCHRECORDS"] = $"{BatchRecords}",
                ["STREAMREC_TRACE"] = "1",
            },
        };
        await using var connection = await servers.Redis.ConnectAsync();
        var oracle = new StoreOracle(connection.GetDatabase(), topic, topic, Partitions);
        using var steady = settings.Start();
        await steady.SaysAsync("Working topic", s_limit);
        var produced = Streamrec.RunAsync([
            "produce",
            "--events",
            whole,
            "--topic",
            topic,
            "--bootstrap",
            servers.Kafka.Bootstrap,
            "--rate",
            $"{PerSecond}",
        ]);
        await KilledAsync(settings, oracle, "after-step", applied: true);
        await KilledAsync(settings, oracle, "before-step", applied: false);
        Assert.False(produced.IsCompleted, "the replay was over before the kills were");
        await produced;
        using var again = (settings with { Further = ["--until-end"] }).Start();
        Assert.True(await again.ExitAsync(s_limit) == 0, again.Output);
        steady.Terminate();
        Assert.True(await steady.ExitAsync(s_limit) == 0, steady.Output);

        await CheckAsync(events, name, topic, settings, oracle, bundle);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>
    /// Starts a worker that stops itself around a step, sees that this batch is unacknowledged, and kills it there.
    /// </summary>
    private async Task KilledAsync(WorkerSettings settings, StoreOracle oracle, string point, bool applied)
    {
        using var worker = settings.Start($"{point}:3:stop");
        await worker.SaysAsync($"fail point {point}", s_limit);
        await Wait.UntilAsync("the worker stands still", () => worker.IsStopped, s_limit);
        var said = worker
            .Output.Split('\n')
            .Single(line => line.Contains("fail point", StringComparison.Ordinal))
            .Split(' ');
        var partition = int.Parse(said[4].Split('[')[1].TrimEnd(']'), null);
        var (from, to) = (long.Parse(said[5], null), long.Parse(said[6].Trim(), null));

        // The batch is in flight: its records are read, and this worker has told nobody that they are done.
        Assert.True(to > from);
        Assert.Equal(applied ? to : from, await oracle.NextAsync(partition));
        Assert.True((await servers.Kafka.CommittedAsync(settings.Group, settings.Topic, Partitions))[partition] < to);
        worker.Kill();
        Assert.Equal(128 + Signals.Kill, await worker.ExitAsync(s_limit));
        output.WriteLine($"killed {point}: partition {partition}, records {from} to {to} unacknowledged");
    }

    private async Task CheckAsync(
        IReadOnlyList<DataEvent> events,
        string name,
        string topic,
        WorkerSettings settings,
        StoreOracle oracle,
        string bundle
    )
    {
        using var lists = new ReferenceLists(bundle);
        var log = TopicLog.Read(servers.Kafka.Bootstrap, topic, Partitions);
        Assert.Equal(events.Count, log.Records.Count);
        var places = log.Records.ToDictionary(r => EventIdOf(r.Value!), r => (r.Partition, r.Offset));
        var quality = new PrequentialHits(lists, WorkerSettings.ListSize);
        var fold = new ReferenceFold(2 * lists.Window - 1);
        for (var i = 0; i < events.Count; i++)
        {
            var (partition, offset) = places[events[i].EventId];
            quality.See(
                events[i],
                fold.Users.GetValueOrDefault(events[i].UserId),
                i >= (int)(events.Count * TrainingShare)
            );
            fold.Apply(events[i].UserId, new(events[i].TimeMs, events[i].EventId, events[i].ItemId), partition, offset);
        }
        var verdict = new Verdict();
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        await oracle.CheckJournalAsync(verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        Assert.Equal(log.Ends, await oracle.NextAsync());
        var committed = await servers.Kafka.CommittedAsync(settings.Group, topic, Partitions);
        Assert.All(committed.Zip(log.Ends), pair => Assert.True(pair.First <= pair.Second));
        Assert.True(await oracle.JournaledAsync() >= events.Count / BatchRecords);

        var (model, popularity, cases) = quality.Rates();
        output.WriteLine(
            $"{name}: {events.Count} events of {verdict.Users} users equal the reference fold; "
                + $"hit rate @10 on the last 20 % ({cases} cases): model {model:F4}, running popularity {popularity:F4}"
        );
        Assert.True(model > popularity, $"model {model:F4}, running popularity {popularity:F4}");
    }

    private static string EventIdOf(byte[] value)
    {
        using var json = System.Text.Json.JsonDocument.Parse(value);
        return json.RootElement.GetProperty("event_id").GetString()!;
    }

    private string Save(string file, IEnumerable<DataEvent> events)
    {
        var path = Path.Combine(_directory.FullName, file);
        File.WriteAllLines(path, events.Select(e => e.ToJson()));
        return path;
    }
}
