using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamRec.Settings;
using StreamRec.Work;

namespace StreamRec.Commands;

/// <summary>`streamrec work`: the worker.</summary>
internal static class WorkCommand
{
    public static Command Create()
    {
        // No defaults here: what is not given comes from appsettings.json or the environment.
        Option<string?>[] texts =
        [
            new("--bundle") { Description = "Directory of the model bundle." },
            new("--topic") { Description = "Kafka topic of click events." },
            new("--group") { Description = "Kafka consumer group." },
            SharedOptions.Bootstrap(), SharedOptions.Redis(), SharedOptions.Prefix(),
            new("--from") { Description = "Where a first start begins: earliest (default), latest, or a time." },
            new("--list-size") { Description = "N, items in a list. Default 100." },
            new("--kept") { Description = "K, events kept of a user. Default: 2W−1 of the bundle." },
            new("--diversity") { Description = "0–1: how much a list avoids near copies; 0 leaves the order of scores. Default 0." },
            new("--batch-records") { Description = "Most records in a batch. Default 192." },
            new("--batch-linger") { Description = "How long a batch that is not full waits for more records, hh:mm:ss.fff. Default 0." },
            new("--types") { Description = "Event types that enter the sequence, commas between. Default all." },
            new("--group-protocol") { Description = "classic (default), or consumer: KIP-848, Kafka 4.0 and later." },
            new("--group-instance-id") { Description = "A name of this worker that outlives its process, so that a restart moves no partitions." },
            new("--lost-records") { Description = "Where retention was faster: halt (default), or skip what is lost." },
            new("--strays") { Description = "Records in a partition that is not their key's: dead-letter (default) or re-route." },
            SharedOptions.Partitioner(),
            new("--dead-letter-topic") { Description = "Default: the topic's name with .dead-letters." },
        ];
        var untilEnd = new Option<bool>("--until-end") { Description = "Stop once all that was in the topic at the start is worked, and on Redis Cluster all lists are published." };
        var set = SharedOptions.Set();
        var command = new Command("work", "Consume click events, and keep every user's list fresh.") { untilEnd, set };
        foreach (var option in texts)
        {
            command.Add(option);
        }
        command.SetAction((parsed, cancel) =>
        {
            var given = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in SharedOptions.Given(parsed, set, texts))
            {
                // --set comes later, and wins.
                given[name] = value;
            }
            if (parsed.GetValue(untilEnd))
            {
                given[nameof(WorkOptions.UntilEnd)] = "true";
            }
            return RunAsync(given, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancel)
    {
        // First, so that what cannot be read is told as elsewhere.
        var options = SettingsReader.Read<WorkOptions>(given);
        var builder = WorkHost.Begin();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddHostedService<PoolThreads>();
        using var host = WorkHost.Build(builder, options);
        var throwIfFailed = WorkHost.FaultOf(host);
        await host.RunAsync(cancel);
        throwIfFailed();
        return (int)ExitCode.Success;
    }
}
