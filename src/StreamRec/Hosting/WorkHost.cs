using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting;

/// <summary>The generic host around the worker, for every command that runs one.</summary>
internal static class WorkHost
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The generic host's defaults, but that settings are read once: the host would watch every file below the working
    /// directory.
    /// </summary>
    public static HostApplicationBuilder Begin()
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("hostBuilder:reloadConfigOnChange", "false")]);
        return Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Configuration = configuration });
    }

    public static IHost Build(HostApplicationBuilder builder, WorkOptions options)
    {
        options.Validate();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => new StatusBoard(
            options.Topic,
            options.Group,
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton<WorkMetrics>();
        builder.Services.AddSingleton<RecommendationService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RecommendationService>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_drain);
        return builder.Build();
    }

    /// <summary>
    /// Throws what stopped the worker, if anything did. To be taken from the host before it runs, for then it is
    /// disposed of.
    /// </summary>
    public static Action FaultOf(IHost host)
    {
        var worker = host.Services.GetRequiredService<RecommendationService>();
        return () =>
        {
            if (worker.Fault is { } fault)
            {
                throw fault as StreamRecException
                    ?? (Exception)new InvalidOperationException("The worker failed.", fault);
            }
        };
    }
}
