using Microsoft.Extensions.Logging;

namespace StreamRec.Tests.Telemetry;

/// <summary>A log that keeps its lines.</summary>
internal class KeptLog : ILogger
{
    public List<(LogLevel Level, int Id, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Lines.Add((logLevel, eventId.Id, formatter(state, exception)));
}

/// <summary>The same, of a category.</summary>
internal sealed class KeptLog<T> : KeptLog, ILogger<T>;
