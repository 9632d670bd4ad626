using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Tests.Hosting;

/// <summary>
/// The replay of the integration tests on the embedded broker and store: same commands, same reference fold.
/// </summary>
public sealed class EmbeddedReplayTests : IDisposable
{
    private const int Events = 8_000,
        Partitions = 4;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-embedded-");

    [Fact]
    public async Task The_workers_states_and_lists_are_those_of_an_independent_fold()
    {
        using var broker = EmbeddedBroker.Start(Partitions);
        using var store = EmbeddedStore.Start();
        var events = EventData.Load().Events.Take(Events).ToList();
        var file = Path.Combine(_directory.FullName, "events.jsonl");
        await File.WriteAllLinesAsync(file, events.Select(e => e.ToJson()));
        var bundle = Path.Combine(_directory.FullName, "model");
        await Streamrec.RunAsync([
            "train",
            "--events",
            file,
            "--bundle",
            bundle,
            "--dimension",
            "16",
            "--window",
            "10",
            "--epochs",
            "1",
        ]);
        await Streamrec.RunAsync(["produce", "--events", file, "--topic", "clicks", "--bootstrap", broker.Address]);
        var settings = new WorkerSettings(bundle, "clicks", "group", broker.Address, store.Address, "test");

        await Streamrec.RunAsync(
            [.. settings.Arguments, "--until-end"],
            new Dictionary<string, string> { ["STREAMREC__TOPICIDS"] = "false", ["STREAMREC_TEST_JOURNAL"] = "1" }
        );

        using var connection = await ConnectionMultiplexer.ConnectAsync(store.Address);
        using var lists = new ReferenceLists(bundle);
        var log = TopicLog.Read(broker.Address, "clicks", Partitions);
        Assert.Equal(Events, log.Records.Count);
        var fold = new ReferenceFold(2 * lists.Window - 1, Partitions).Fold(log.Records);
        Assert.Empty(fold.Refused);
        var oracle = new StoreOracle(connection.GetDatabase(), "test", "clicks", Partitions);
        var verdict = new Verdict();
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        await oracle.CheckJournalAsync(verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        Assert.Equal(Events, verdict.Events);
        Assert.True(await oracle.JournaledAsync() > 0);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
