using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StreamRec.Client.Kafka;

/// <summary>Registers publishers of events, and their health check.</summary>
public static class StreamRecPublisherServices
{
    /// <summary>The configuration's section; that of a named publisher lies below it.</summary>
    public const string Section = "StreamRec:Publisher";

    /// <summary>The check's name; that of a named publisher follows, behind an underscore.</summary>
    public const string HealthCheck = "streamrec_publisher";

    /// <summary>
    /// Registers <see cref="IEventPublisher"/>, with options of the section <see cref="Section"/>, checked when the
    /// program starts. Where a reader of lists is registered, the worker's partitioner is asked for.
    /// </summary>
    /// <param name="services">The program's.</param>
    /// <param name="configure">Sets options in code, after the configuration's.</param>
    public static IServiceCollection AddStreamRecPublisher(
        this IServiceCollection services,
        Action<StreamRecPublisherOptions>? configure = null
    )
    {
        AddOptions(services, Options.DefaultName, Section, configure);
        services.TryAddSingleton(provider => Open(provider, null));
        services.TryAddSingleton<IEventPublisher>(provider => provider.GetRequiredService<EventPublisher>());
        return services;
    }

    /// <summary>
    /// As the other, for one of several: a keyed service, with options of the section below <see cref="Section"/> that
    /// is called as it.
    /// </summary>
    /// <param name="services">The program's.</param>
    /// <param name="name">The service's key, and that of the reader whose worker it publishes for.</param>
    /// <param name="configure">Sets options in code, after the configuration's.</param>
    public static IServiceCollection AddStreamRecPublisher(
        this IServiceCollection services,
        string name,
        Action<StreamRecPublisherOptions>? configure = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        AddOptions(services, name, $"{Section}:{name}", configure);
        services.TryAddKeyedSingleton(name, (provider, _) => Open(provider, name));
        services.TryAddKeyedSingleton<IEventPublisher>(
            name,
            (provider, _) => provider.GetRequiredKeyedService<EventPublisher>(name)
        );
        return services;
    }

    /// <summary>
    /// Adds the check <see cref="HealthCheck"/>: whether brokers answer on the connections that events take, and the
    /// worker hashes keys as the publisher does.
    /// </summary>
    /// <param name="builder">The program's.</param>
    /// <param name="name">Of the publisher; null: the one without a name.</param>
    /// <param name="failureStatus">What is told where no broker answers; null: unhealthy.</param>
    /// <param name="tags">For choosing among checks.</param>
    public static IHealthChecksBuilder AddStreamRecPublisher(
        this IHealthChecksBuilder builder,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                name is null ? HealthCheck : $"{HealthCheck}_{name}",
                provider => new PublisherHealthCheck(
                    name is null
                        ? provider.GetRequiredService<EventPublisher>()
                        : provider.GetRequiredKeyedService<EventPublisher>(name)
                ),
                failureStatus,
                tags
            )
        );
    }

    private static void AddOptions(
        IServiceCollection services,
        string name,
        string section,
        Action<StreamRecPublisherOptions>? configure
    )
    {
        services
            .AddOptions<StreamRecPublisherOptions>(name)
            .Configure<IServiceProvider>(
                (options, provider) => provider.GetService<IConfiguration>()?.GetSection(section).Bind(options)
            )
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<StreamRecPublisherOptions>>(new PublisherOptionsCheck(name, section));
    }

    private static EventPublisher Open(IServiceProvider provider, string? key)
    {
        var options = provider
            .GetRequiredService<IOptionsMonitor<StreamRecPublisherOptions>>()
            .Get(key ?? Options.DefaultName);
        var workers = key is null ? null : provider.GetKeyedService<IPartitionerSource>(key);
        var log = provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(EventPublisher).FullName!);
        return new EventPublisher(
            new ClientConfig(options.Kafka),
            options.Topic,
            options.Partitioner,
            workers ?? provider.GetService<IPartitionerSource>(),
            log is null
                ? null
                : line =>
                    log.Log(
                        (LogLevel)line.LevelAs(LogLevelType.MicrosoftExtensionsLogging),
                        "{Facility}: {Message}",
                        line.Facility,
                        line.Message
                    )
        );
    }
}
