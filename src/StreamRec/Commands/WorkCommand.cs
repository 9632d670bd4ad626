using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
            new("--bootstrap") { Description = "Kafka bootstrap servers, host:port. Default localhost:9092." },
            new("--redis") { Description = "Redis, host:port. Default localhost:6379." },
            new("--prefix") { Description = "First part of every Redis key. Default streamrec." },
            new("--from") { Description = "Where a first start begins: earliest (default), latest, or a time." },
            new("--list-size") { Description = "N, items in a list. Default 100." },
            new("--kept") { Description = "K, events kept of a user. Default: 2W−1 of the bundle." },
            new("--types") { Description = "Event types that enter the sequence, commas between. Default all." },
            new("--dead-letter-topic") { Description = "Default: the topic's name with .dead-letters." },
        ];
        var untilEnd = new Option<bool>("--until-end") { Description = "Stop once all that was in the topic at the start is worked." };
        var command = new Command("work", "Consume click events, and keep every user's list fresh.") { untilEnd };
        foreach (var option in texts)
        {
            command.Add(option);
        }
        command.SetAction((parsed, cancel) =>
        {
            var given = texts.Where(option => parsed.GetValue(option) is not null)
                .ToDictionary(option => "StreamRec:" + option.Name.Replace("-", "", StringComparison.Ordinal), parsed.GetValue);
            if (parsed.GetValue(untilEnd))
            {
                given["StreamRec:UntilEnd"] = "true";
            }
            return RunAsync(given, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancel)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(given);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning);
        var options = Options(builder.Configuration);
        using var host = WorkHost.Build(builder, options);
        await host.RunAsync(cancel);
        WorkHost.ThrowIfFailed(host);
        return (int)ExitCode.Success;
    }

    private static WorkOptions Options(IConfiguration configuration)
    {
        var options = new WorkOptions();
        try
        {
            configuration.GetSection("StreamRec").Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            throw new StreamRecException($"A setting cannot be read: {fault.Message}", ExitCode.Usage);
        }
        return options;
    }
}
