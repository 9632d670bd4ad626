using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamRec.Hosting;
using StreamRec.Hosting.Runtime;
using StreamRec.Http;
using StreamRec.Http.Page;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Commands;

/// <summary>`streamrec work`: the worker.</summary>
internal static class WorkCommand
{
    public const string Name = "work";

    /// <summary>The settings that have an option of their own.</summary>
    private static readonly string[] s_options =
    [
        nameof(WorkOptions.Bundle),
        nameof(WorkOptions.Registry),
        nameof(WorkOptions.Topic),
        nameof(WorkOptions.Group),
        nameof(WorkOptions.Bootstrap),
        nameof(WorkOptions.Redis),
        nameof(WorkOptions.Prefix),
        nameof(WorkOptions.From),
        nameof(WorkOptions.ListSize),
        nameof(WorkOptions.Kept),
        nameof(WorkOptions.ExcludeSeen),
        nameof(WorkOptions.AllowedCategories),
        nameof(WorkOptions.DeniedCategories),
        nameof(WorkOptions.AttributeRanges),
        nameof(WorkOptions.Cap),
        nameof(WorkOptions.Dial),
        nameof(WorkOptions.VariedPlaces),
        nameof(WorkOptions.SimilarItems),
        nameof(WorkOptions.BatchRecords),
        nameof(WorkOptions.BatchLinger),
        nameof(WorkOptions.Types),
        nameof(WorkOptions.GroupProtocol),
        nameof(WorkOptions.GroupInstanceId),
        nameof(WorkOptions.LostRecords),
        nameof(WorkOptions.Strays),
        nameof(WorkOptions.Partitioner),
        nameof(WorkOptions.DeadLetterTopic),
        nameof(WorkOptions.ItemsTopic),
        nameof(WorkOptions.NewItemShare),
        nameof(WorkOptions.Metrics),
        nameof(WorkOptions.Http),
        nameof(WorkOptions.HttpTokenFile),
        nameof(WorkOptions.HttpHosts),
        nameof(WorkOptions.OnHalt),
    ];

    public static Command Create()
    {
        // No defaults here: what is not given comes from appsettings.json or the environment.
        var standard = new WorkOptions();
        Option<string?>[] texts = [.. s_options.Select(setting => SharedOptions.Of(setting, standard))];
        var untilEnd = new Option<bool>("--until-end")
        {
            Description =
                "Stop once all that was in the topic at the start is worked, "
                + "and on Redis Cluster all lists are published.",
        };
        var playground = new Option<bool>("--playground")
        {
            Description = "Let whoever sees the page of --http publish clicks from it.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "At the end, print what was done as one JSON object on one line; the log goes to stderr.",
        };
        var set = SharedOptions.Set();
        var command = new Command(Name, "Consume click events, and keep every user's list fresh.")
        {
            untilEnd,
            playground,
            json,
            set,
        };
        foreach (var option in texts)
        {
            command.Add(option);
        }
        command.SetAction(
            (parsed, cancel) =>
            {
                var given = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
                foreach (var (name, value) in SharedOptions.Given(parsed, set, texts))
                {
                    // --set comes later, and wins.
                    given[name] = value;
                }
                foreach (var flag in new[] { untilEnd, playground }.Where(parsed.GetValue))
                {
                    given[flag.Name.Replace("-", "", StringComparison.Ordinal)] = "true";
                }
                return RunAsync(given, parsed.GetValue(json), cancel);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyDictionary<string, string?> given,
        bool json,
        CancellationToken cancel
    )
    {
        // First, so that what cannot be read is told as elsewhere.
        var options = SettingsReader.Read<WorkOptions>(given);
        var builder = WorkHost.Begin();
        WorkLog.Configure(builder, toError: json);
        // For a process that does nothing else, unlike the demo's.
        builder.Services.AddHostedService<PoolThreads>().AddHostedService<SurvivorLimit>();
        using var host = WorkHost.Build(builder, options);
        var throwIfFailed = WorkHost.FaultOf(host);
        var board = host.Services.GetRequiredService<StatusBoard>();
        // Around the host: they are served from before the work until after it.
        await using var metrics =
            options.Metrics.Length == 0
                ? null
                : ActivatorUtilities.CreateInstance<MetricsEndpoint>(
                    host.Services,
                    ListenAddress.Parse(options.Metrics)
                );
        await using var page =
            options.Http.Length == 0
                ? null
                : ActivatorUtilities.CreateInstance<PageEndpoint>(host.Services, new PageSources());
        await (metrics?.StartAsync(cancel) ?? Task.CompletedTask);
        await (page?.StartAsync(cancel) ?? Task.CompletedTask);
        await host.RunAsync(cancel);
        if (json)
        {
            Console.WriteLine(WorkSummary.Json(board.Current));
        }
        throwIfFailed();
        return (int)ExitCode.Success;
    }
}
