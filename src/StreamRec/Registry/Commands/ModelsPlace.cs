using System.CommandLine;
using StackExchange.Redis;
using StreamRec.Options;
using StreamRec.Redis.Connection;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Commands;

/// <summary>The registry and the pointer, as the options of a command name them.</summary>
internal sealed class ModelsPlace : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _redis;

    private ModelsPlace(WorkOptions options, ConnectionMultiplexer redis)
    {
        (Options, _redis) = (options, redis);
        var (database, server, keys) = (redis.GetDatabase(), options.RedisSettings(), new ModelKeys(options.Prefix));
        Bundles = BundleRegistry.Open(options.Registry, database, options.Prefix, server);
        Pointer = new ModelPointer(database, keys, server);
        Reports = new WorkerReports(database, keys, server);
    }

    public WorkOptions Options { get; }

    public BundleRegistry Bundles { get; }

    public ModelPointer Pointer { get; }

    public WorkerReports Reports { get; }

    public Promoter Promoter =>
        new(
            _redis.GetDatabase(),
            Options.Prefix,
            Options.RedisSettings(),
            Options.Topic,
            Pointer,
            Reports,
            TimeProvider.System
        );

    /// <summary>Of the settings of `work` those that say where models are.</summary>
    public static Option<string?>[] Settings() =>
        [
            .. new[]
            {
                nameof(WorkOptions.Registry),
                nameof(WorkOptions.Redis),
                nameof(WorkOptions.Prefix),
                nameof(WorkOptions.Topic),
            }.Select(setting => SharedOptions.Of(setting, new WorkOptions())),
        ];

    public static Argument<string> Id() =>
        new("id")
        {
            Description = "A bundle of the registry: its model's id, its digest, or the first 6 and more digits of it.",
        };

    public static Option<string> By() =>
        new("--by")
        {
            Description = "Who does this, for the history.",
            DefaultValueFactory = _ => $"{Environment.UserName}@{Environment.MachineName}",
        };

    public static Option<string> Why() =>
        new("--why") { Description = "Why this is done, for the history.", DefaultValueFactory = _ => "" };

    /// <exception cref="StreamRecException">No registry is given, or Redis does not answer.</exception>
    public static async Task<ModelsPlace> OpenAsync(
        ParseResult parsed,
        Option<string[]> set,
        Option<string?>[] settings,
        CancellationToken cancel
    )
    {
        var options = SettingsReader.Read<WorkOptions>(SharedOptions.Given(parsed, set, settings));
        if (options.Registry.Length == 0)
        {
            throw new StreamRecException(
                "--registry is missing: give the directory where bundles are pushed to, or redis: for small ones.",
                FaultKind.Usage
            );
        }
        var redis = await RedisConnection.ConnectAsync(options.RedisSettings(), cancel: cancel);
        try
        {
            return new ModelsPlace(options, redis);
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>The ids of all models that lists in the store were made by.</summary>
    public Task<IReadOnlySet<string>> NamedModelsAsync(CancellationToken cancel) =>
        new ListedModels(_redis, Options.Prefix, Options.RedisSettings()).ReadAsync(cancel);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
