using StreamRec.Testing.Servers;

namespace StreamRec.Testing;

/// <summary>
/// A small model for tests that need one, trained once a process on generated events: D = 16, W = 10, 300 items.
/// </summary>
internal static class SmallBundle
{
    private static readonly Lazy<Task<string>> s_path = new(TrainAsync);

    public static Task<string> PathAsync() => s_path.Value;

    private static async Task<string> TrainAsync()
    {
        var directory = Directory.CreateTempSubdirectory("streamrec-bundle-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var (events, bundle) = (Path.Combine(directory, "events.jsonl"), Path.Combine(directory, "model"));
        await File.WriteAllLinesAsync(
            events,
            EventData.Generated(users: 200, items: 300, events: 8_000, seed: 7).Select(e => e.ToJson())
        );
        // These events repeat items; the oracles expect lists without what was seen.
        var config = Path.Combine(directory, "config.json");
        await File.WriteAllTextAsync(config, """{"filter_seen": true}""");
        await Streamrec.RunAsync(
            [
                "train",
                "--events",
                events,
                "--bundle",
                bundle,
                "--config",
                config,
                "--dimension",
                "16",
                "--window",
                "10",
                "--epochs",
                "1",
                "--seed",
                "1",
            ],
            minutes: 10
        );
        return bundle;
    }
}
