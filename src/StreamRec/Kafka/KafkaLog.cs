using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamRec.Kafka;

/// <summary>
/// Where the log of Kafka's clients goes: into the worker's own, or, for commands without one, errors alone to standard
/// error. One line a minute of each facility and level, the rest counted. Called from the clients' threads.
/// </summary>
/// <param name="write">Takes a line at its level.</param>
/// <param name="secrets">Values that no line may hold.</param>
internal sealed partial class KafkaLog(
    Action<LogLevel, string> write,
    IReadOnlyCollection<string> secrets,
    TimeProvider time
)
{
    private const string Hidden = "***";
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Facility, LogLevel Level), Pace> _paces = new();
    private readonly ConcurrentDictionary<LogLevel, long> _lines = new();

    /// <summary>Lines so far by level, also those that were held back.</summary>
    public IReadOnlyDictionary<string, long> Lines =>
        _lines.ToDictionary(lines => lines.Key.ToString().ToLowerInvariant(), lines => lines.Value);

    /// <summary>Into a log, each line at its own level.</summary>
    public static KafkaLog To(ILogger log, IReadOnlyCollection<string> secrets, TimeProvider time) =>
        new((level, line) => LogKafka(log, level, line), secrets, time);

    /// <summary>Errors to standard error.</summary>
    public static KafkaLog ToErrors(IReadOnlyCollection<string> secrets) =>
        new(
            (level, line) =>
            {
                if (level >= LogLevel.Error)
                {
                    Console.Error.WriteLine($"Kafka's client: {line}");
                }
            },
            secrets,
            TimeProvider.System
        );

    /// <summary>For a client's <c>SetLogHandler</c>.</summary>
    public void Write(IClient client, LogMessage message) => Write(message);

    /// <summary>Takes a line of a client's log. Never throws: the client would lose what it was about.</summary>
    public void Write(LogMessage message)
    {
        var level = IsOfTheOtherKind(message) ? LogLevel.Debug : LevelOf(message.Level);
        _lines.AddOrUpdate(level, 1, static (_, count) => count + 1);
        // Only where somebody asked for it, by Kafka:debug: then all of it.
        if (level < LogLevel.Information)
        {
            write(level, Clean($"{message.Facility} {message.Message}"));
            return;
        }
        var pace = _paces.GetOrAdd((message.Facility, level), static _ => new Pace());
        if (pace.Passes(time, out var held))
        {
            var more =
                held == 0
                    ? ""
                    : string.Create(CultureInfo.InvariantCulture, $" ({held} more of this kind since the last)");
            write(level, Clean($"{message.Facility} {message.Message}{more}"));
        }
    }

    // One table of settings serves consumers and producers alike, each of which passes over the other's.
    private static bool IsOfTheOtherKind(LogMessage message) =>
        message.Facility == "CONFWARN"
        && message.Message.Contains("property and will be ignored by this", StringComparison.Ordinal);

    private string Clean(string line)
    {
        foreach (var secret in secrets)
        {
            line = line.Replace(secret, Hidden, StringComparison.Ordinal);
        }
        return line;
    }

    private static LogLevel LevelOf(SyslogLevel level) =>
        level switch
        {
            SyslogLevel.Emergency or SyslogLevel.Alert or SyslogLevel.Critical => LogLevel.Critical,
            SyslogLevel.Error => LogLevel.Error,
            SyslogLevel.Warning => LogLevel.Warning,
            SyslogLevel.Notice or SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };

    [LoggerMessage(EventId = 30, Message = "Kafka's client: {Line}")]
    private static partial void LogKafka(ILogger log, LogLevel level, string line);

    private sealed class Pace
    {
        private readonly Lock _lock = new();
        private long? _last;
        private long _held;

        public bool Passes(TimeProvider time, out long held)
        {
            lock (_lock)
            {
                held = _held;
                if (_last is { } last && time.GetElapsedTime(last) < s_interval)
                {
                    _held++;
                    return false;
                }
                (_last, _held) = (time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}
