using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace StreamRec.Client.DependencyInjection;

/// <summary>Registers readers of lists.</summary>
public static class StreamRecClientServices
{
    /// <summary>The configuration's section; that of a named client lies below it.</summary>
    public const string Section = "StreamRec:Client";

    /// <summary>
    /// Registers <see cref="IListReader"/>, with options of the section <see cref="Section"/>, checked when the program
    /// starts.
    /// </summary>
    /// <param name="services">The program's.</param>
    /// <param name="configure">Sets options in code, after the configuration's.</param>
    public static IServiceCollection AddStreamRecClient(
        this IServiceCollection services,
        Action<StreamRecClientOptions>? configure = null
    )
    {
        AddOptions(services, Options.DefaultName, Section, configure);
        services.TryAddSingleton(provider => Open(provider, null));
        services.TryAddSingleton<IListReader>(provider => provider.GetRequiredService<ListReader>());
        services.TryAddSingleton<IPartitionerSource>(provider => provider.GetRequiredService<ListReader>());
        return services;
    }

    /// <summary>
    /// As the other, for one of several: a keyed service, with options of the section below <see cref="Section"/> that
    /// is called as it.
    /// </summary>
    /// <param name="services">The program's.</param>
    /// <param name="name">The service's key.</param>
    /// <param name="configure">Sets options in code, after the configuration's.</param>
    public static IServiceCollection AddStreamRecClient(
        this IServiceCollection services,
        string name,
        Action<StreamRecClientOptions>? configure = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        AddOptions(services, name, $"{Section}:{name}", configure);
        services.TryAddKeyedSingleton(name, (provider, _) => Open(provider, name));
        services.TryAddKeyedSingleton<IListReader>(
            name,
            (provider, _) => provider.GetRequiredKeyedService<ListReader>(name)
        );
        services.TryAddKeyedSingleton<IPartitionerSource>(
            name,
            (provider, _) => provider.GetRequiredKeyedService<ListReader>(name)
        );
        return services;
    }

    private static void AddOptions(
        IServiceCollection services,
        string name,
        string section,
        Action<StreamRecClientOptions>? configure
    )
    {
        services
            .AddOptions<StreamRecClientOptions>(name)
            .Configure<IServiceProvider>(
                (options, provider) => provider.GetService<IConfiguration>()?.GetSection(section).Bind(options)
            )
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<StreamRecClientOptions>>(provider => new OptionsCheck(
            name,
            section,
            provider
        ));
    }

    private static ListReader Open(IServiceProvider provider, string? key)
    {
        var options = provider
            .GetRequiredService<IOptionsMonitor<StreamRecClientOptions>>()
            .Get(key ?? Options.DefaultName);
        var time = provider.GetService<TimeProvider>();
        if (options.Redis is { Length: > 0 } redis)
        {
            return ListReader.Connect(redis, options, time);
        }
        var shared = key is null ? null : provider.GetKeyedService<IConnectionMultiplexer>(key);
        return new ListReader(shared ?? provider.GetRequiredService<IConnectionMultiplexer>(), options, time);
    }
}
