using System.CommandLine;
using System.Text.Json;
using StreamRec.Bench;
using StreamRec.Options;

namespace StreamRec.Commands;

/// <summary>`streamrec bench`: the worker under load, against a real Kafka and a real Redis.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var standard = new BenchOptions();
        var bundle = new Option<string?>("--bundle") { Description = "Directory of a bundle; without it one is made." };
        var make = new Option<string?>("--make-bundle")
        {
            Description = "Only make a bundle there, by --items, --kind, --dimension and --window.",
        };
        var kind = new Option<string>("--kind")
        {
            Description = "Vectors of a made bundle: trained or random.",
            DefaultValueFactory = _ => standard.Kind,
        };
        var items = Number("--items", "Items of a made bundle.", standard.Items);
        var dimension = Number("--dimension", "Width of a made bundle's vectors.", standard.Dimension);
        var window = Number("--window", "Window of a made bundle, in events.", standard.Window);
        var events = Number("--events", "Events that stand in the topic when the worker starts.", standard.Events);
        var users = Number("--users", "Users that the events are of.", standard.Users);
        var partitions = Number("--partitions", "Partitions of the topic.", standard.Partitions);
        var hot = new Option<bool>("--hot-partition")
        {
            Description = "All users are of one partition; the others are idle.",
        };
        var processes = Number("--processes", "Worker processes.", standard.Processes);
        var rate = Number("--rate", "Events a second of the open loop; 0: none.", standard.Rate);
        var seconds = Number("--seconds", "Seconds of the open loop.", (int)standard.Seconds.TotalSeconds);
        var bootstrap = new Option<string?>("--bootstrap")
        {
            Description = "Kafka that is there; without it one is started.",
        };
        var redis = new Option<string?>("--redis") { Description = "Redis that is there; without it one is started." };
        var home = new Option<string?>("--kafka-home")
        {
            Description = "Folder with `start` and `stop` of a real Kafka. Default: STREAMREC_KAFKA_HOME.",
        };
        var work = new Option<string[]>("--work")
        {
            Description = "A further argument of `streamrec work`; may be repeated.",
        };
        var peer = new Option<string?>("--peer")
        {
            Description =
                "Command of another worker, words parted by blanks, to load alike after ours; "
                + "it gets the first six options of `work`.",
        };
        var json = SharedOptions.Json();
        var command = new Command("bench", "Measure the worker under load, against a real Kafka and a real Redis.")
        {
            bundle,
            make,
            kind,
            items,
            dimension,
            window,
            events,
            users,
            partitions,
            hot,
            processes,
            rate,
            seconds,
            bootstrap,
            redis,
            home,
            work,
            peer,
            json,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var run = new BenchRun(
                    new BenchOptions
                    {
                        Bundle = parsed.GetValue(bundle),
                        Kind = parsed.GetValue(kind)!,
                        Items = parsed.GetValue(items),
                        Dimension = parsed.GetValue(dimension),
                        Window = parsed.GetValue(window),
                        Events = parsed.GetValue(events),
                        Users = parsed.GetValue(users),
                        Partitions = parsed.GetValue(partitions),
                        HotPartition = parsed.GetValue(hot),
                        Processes = parsed.GetValue(processes),
                        Rate = parsed.GetValue(rate),
                        Seconds = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                        Bootstrap = parsed.GetValue(bootstrap),
                        Redis = parsed.GetValue(redis),
                        KafkaHome = parsed.GetValue(home),
                        Work = parsed.GetValue(work) ?? [],
                        Peer = parsed.GetValue(peer),
                    },
                    Console.Error.WriteLine
                );
                if (parsed.GetValue(make) is { } directory)
                {
                    run.Make(directory);
                    Console.Write(
                        parsed.GetValue(json) ? JsonSerializer.Serialize(new { bundle = directory }) + "\n" : ""
                    );
                    return (int)ExitCode.Success;
                }
                Print(await run.RunAsync(cancel), parsed.GetValue(json));
                return (int)ExitCode.Success;
            }
        );
        return command;
    }

    private static Option<int> Number(string name, string description, int standard) =>
        new(name) { Description = $"{description} Default {standard}.", DefaultValueFactory = _ => standard };

    private static void Print(BenchReport report, bool json)
    {
        var element = JsonSerializer.SerializeToElement(report);
        if (json)
        {
            Console.WriteLine(element.GetRawText());
            return;
        }
        foreach (var figure in element.EnumerateObject())
        {
            Console.WriteLine($"{figure.Name.PadRight(28)} {figure.Value}");
        }
    }
}
