using System.Globalization;
using StreamRec.Delivery.Ports;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>What a simulated record says.</summary>
internal readonly record struct SimulatedEvent(string Id, long TimeMs, bool Poison)
{
    public byte[] Write() =>
        System.Text.Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{(Poison ? "?" : "")}{Id}@{TimeMs}")
        );

    public static SimulatedEvent Of(in LogRecord record)
    {
        var text = System.Text.Encoding.UTF8.GetString(record.Value.Span);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var poison = text[0] == '?';
        return new(text[(poison ? 1 : 0)..at], long.Parse(text.AsSpan(at + 1), CultureInfo.InvariantCulture), poison);
    }

    public static string User(in LogRecord record) => System.Text.Encoding.UTF8.GetString(record.Key.Span);
}

/// <summary>
/// Producers that repeat themselves, deliver late, give one id two times, and send what nobody can read. Users fall
/// silent for longer than they are remembered.
/// </summary>
internal sealed class SimulatedProducers(SimulatedLoop loop)
{
    /// <summary>A user silent for longer, by record time, is forgotten.</summary>
    public const int IdleExpiryMs = 2500;

    private readonly List<(byte[] Key, SimulatedEvent Event)> _sent = [];
    private int _count;

    public void Produce(SimulatedLog log, int partition)
    {
        var key = System.Text.Encoding.UTF8.GetBytes(
            $"u{partition}-{Math.Min(loop.Random.Next(5), loop.Random.Next(5))}"
        );
        var sent = new SimulatedEvent(
            $"e{_count++}",
            10_000 + loop.NowMs - (loop.Chance(0.2) ? loop.Random.Next(3000) : 0),
            loop.Chance(0.05)
        );
        if (_sent.Count > 0 && loop.Chance(0.15))
        {
            // A repetition; one in three with another time, which makes it an error.
            var (again, old) = _sent[^Math.Min(_sent.Count, loop.Random.Next(1, 30))];
            (key, sent) = (
                again[1] == key[1] ? again : key,
                loop.Chance(0.33) ? old with { TimeMs = old.TimeMs + 1 } : old
            );
        }
        _sent.Add((key, sent));
        log.Append(key, sent.Write(), loop.NowMs);
    }
}
