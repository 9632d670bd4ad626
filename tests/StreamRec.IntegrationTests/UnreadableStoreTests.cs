using StackExchange.Redis;
using StreamRec.Commands;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>
/// What stands in Redis is damaged: the worker halts, names the key and the way on, and that way works.
/// </summary>
[Collection(nameof(Servers))]
public sealed class UnreadableStoreTests(Servers servers) : IDisposable
{
    private const int Halted = (int)ExitCode.Halted;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-unreadable-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerFact]
    public async Task A_damaged_state_and_damaged_meta_halt_and_can_be_rebuilt()
    {
        var events = EventData
            .Generated(users: 20, items: 30, events: 900, seed: 5)
            .Chunk(300)
            .Select((chunk, i) => Save($"{i}.jsonl", chunk))
            .ToArray();
        var bundle = Path.Combine(_directory.FullName, "model");
        await Streamrec.RunAsync([
            "train",
            "--events",
            events[0],
            "--bundle",
            bundle,
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--window",
            "8",
        ]);
        var topic = $"unreadable-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        var settings = new WorkerSettings(
            bundle,
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Further = ["--until-end"],
        };
        await using var connection = await servers.Redis.ConnectAsync();
        var redis = connection.GetDatabase();

        await WorkAsync(settings, events[0], 0);
        var state = $"{topic}:state:{{{topic}:0}}:u000001";
        var bytes = (byte[])(await redis.StringGetAsync(state))!;
        await redis.StringSetAsync(state, bytes[..(bytes.Length / 2)]);

        var said = await WorkAsync(settings, events[1], Halted);
        Assert.Contains(state[topic.Length..], said);
        Assert.Equal(bytes[..(bytes.Length / 2)], (byte[])(await redis.StringGetAsync(state))!);
        await Streamrec.RecoverAsync(said, settings);
        await WorkAsync(settings, null, 0);
        await CheckAsync(redis, settings);

        await redis.KeyDeleteAsync(state);
        await redis.ListRightPushAsync(state, "another type");
        said = await WorkAsync(settings, events[2], Halted);
        Assert.Contains(state[topic.Length..], said);
        await Streamrec.RecoverAsync(said, settings);

        var meta = $"{topic}:meta:{{{topic}:0}}";
        await redis.HashSetAsync(meta, "next", "many");
        said = await WorkAsync(settings, null, Halted);
        Assert.Contains(meta[topic.Length..], said);
        await redis.KeyDeleteAsync(meta);
        await redis.StringSetAsync(meta, "another type");
        Assert.Contains(meta[topic.Length..], await WorkAsync(settings, null, Halted));
        await redis.KeyDeleteAsync(meta);
        await Streamrec.RecoverAsync(said, settings);
        await WorkAsync(settings, null, 0);
        await CheckAsync(redis, settings);
    }

    private static async Task<string> WorkAsync(WorkerSettings settings, string? events, int expected)
    {
        if (events is not null)
        {
            await Streamrec.RunAsync([
                "produce",
                "--events",
                events,
                "--topic",
                settings.Topic,
                "--bootstrap",
                settings.Bootstrap,
            ]);
        }
        return await Streamrec.RunAsync(settings.Arguments, settings.Environment, expected);
    }

    private static async Task CheckAsync(IDatabase redis, WorkerSettings settings)
    {
        var verdict = new Verdict();
        using var lists = new ReferenceLists(settings.Bundle);
        var fold = new ReferenceFold(2 * lists.Window - 1).Fold(
            TopicLog.Read(settings.Bootstrap, settings.Topic, 1).Records
        );
        var oracle = new StoreOracle(redis, settings.Prefix, settings.Topic, 1);
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
    }

    private string Save(string file, IEnumerable<DataEvent> events)
    {
        var path = Path.Combine(_directory.FullName, file);
        File.WriteAllLines(path, events.Select(e => e.ToJson()));
        return path;
    }
}
