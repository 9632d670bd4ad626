using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>A partition's log: records, and holes where control records or compacted ones are.</summary>
internal sealed class SimulatedLog
{
    private readonly List<LogRecord?> _entries = [];
    private int _epoch;

    /// <summary>The offset after the last entry.</summary>
    public long End => _entries.Count;

    public IEnumerable<LogRecord> Records => _entries.OfType<LogRecord>();

    public void Append(string user, bool poison) => _entries.Add(new LogRecord(
        End, _epoch, 0, System.Text.Encoding.UTF8.GetBytes(user), new[] { (byte)(poison ? 1 : 0) }));

    public void AppendHole() => _entries.Add(null);

    public void ElectLeader() => _epoch++;

    /// <summary>The first record at or above an offset.</summary>
    public LogRecord? Next(long offset)
    {
        for (; offset < End; offset++)
        {
            if (_entries[(int)offset] is { } record)
            {
                return record;
            }
        }

        return null;
    }

    public GapAnswer Check(long from, long to) =>
        new(Next(from) is { } record && record.Offset < to ? GapVerdict.Records : GapVerdict.Hole);
}
