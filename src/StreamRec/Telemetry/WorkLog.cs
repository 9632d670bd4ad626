using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using StreamRec.Events;
using StreamRec.Settings;

namespace StreamRec.Telemetry;

/// <summary>
/// The worker's log: a line an entry, or as .NET's own settings of the console logger say.
/// </summary>
internal static class WorkLog
{
    private const string Formatter = "Logging:Console:FormatterName",
        Levels = "Logging:LogLevel";
    private static readonly string[] s_formatters =
    [
        ConsoleFormatterNames.Simple,
        ConsoleFormatterNames.Json,
        ConsoleFormatterNames.Systemd,
    ];

    /// <param name="toError">On stderr, where stdout is for something else.</param>
    /// <exception cref="StreamRecException">A setting of the log is none that .NET knows; it would be passed over, or
    /// end as a fault.</exception>
    public static void Configure(HostApplicationBuilder builder, bool toError = false)
    {
        if (
            builder.Configuration[Formatter] is { } formatter
            && !s_formatters.Contains(formatter, StringComparer.OrdinalIgnoreCase)
        )
        {
            throw Wrong(Formatter, formatter, s_formatters);
        }
        var levels = Enum.GetNames<LogLevel>();
        if (
            builder
                .Configuration.GetSection(Levels)
                .GetChildren()
                .FirstOrDefault(level =>
                    level.Value is { } name && !levels.Contains(name, StringComparer.OrdinalIgnoreCase)
                ) is
            { } wrong
        )
        {
            throw Wrong(wrong.Path, wrong.Value!, levels);
        }
        // Before the console's own reading of its settings, which may say otherwise.
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.SingleLine = true);
        builder.Logging.ClearProviders().AddConsole().AddFilter("Microsoft", LogLevel.Warning);
        if (toError)
        {
            builder.Services.Configure<ConsoleLoggerOptions>(console =>
                console.LogToStandardErrorThreshold = LogLevel.Trace
            );
        }
    }

    private static StreamRecException Wrong(string setting, string value, IReadOnlyList<string> choices) =>
        new(
            $"{setting} (in the environment {setting.Replace(":", "__", StringComparison.Ordinal)}) "
                + $"is '{Excerpt.Of(value)}': "
                + $"give {Setting.Either(choices)}.{Nearest.Hint(value, choices)}",
            FaultKind.Usage
        );
}
