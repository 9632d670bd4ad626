using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// A partition's log: records, holes where control records are, a start that retention moves, and leader epochs.
/// </summary>
internal sealed class SimulatedLog
{
    private readonly List<LogRecord?> _entries = [];
    private readonly List<(int Epoch, long Start)> _epochs = [(0, 0)];

    /// <summary>The first offset that retention left.</summary>
    public long Start { get; private set; }

    /// <summary>The offset after the last entry.</summary>
    public long End => _entries.Count;

    /// <summary>Grows with each election, so that a consumer knows when to look at its epoch again.</summary>
    public int Elections => _epochs.Count;

    /// <summary>
    /// Where an unclean election cut the log, and all that stood there before; null while there was none.
    /// </summary>
    public (long Offset, LogRecord?[] Before)? Cut { get; private set; }

    /// <summary>Every record that ever was, retention aside.</summary>
    public IEnumerable<LogRecord> Records => _entries.OfType<LogRecord>();

    public void Append(byte[] key, byte[] value, long nowMs) =>
        _entries.Add(new LogRecord(End, _epochs[^1].Epoch, nowMs, key, value));

    public void AppendHole() => _entries.Add(null);

    /// <summary>Whether an entry from an offset on is no record.</summary>
    public bool HasHoleFrom(long offset) => _entries.FindIndex((int)offset, entry => entry is null) >= 0;

    public void ElectLeader() => _epochs.Add((_epochs[^1].Epoch + 1, End));

    /// <summary>Retention, or an operator, deletes what is below an offset.</summary>
    public void DeleteUntil(long offset) => Start = Math.Clamp(offset, Start, End);

    /// <summary>
    /// An unclean election: what stands from an offset on is gone, and other records will take its place.
    /// </summary>
    public void Fork(long offset)
    {
        Cut = (offset, [.. _entries]);
        _entries.RemoveRange((int)offset, _entries.Count - (int)offset);
        _epochs.RemoveAll(e => e.Start > offset);
        ElectLeader();
    }

    /// <summary>
    /// Whether a position, with the epoch of the record before it, is one of this log: as brokers tell it.
    /// </summary>
    public bool Has(LogPosition position)
    {
        var next = _epochs.FindIndex(e => e.Epoch > position.Epoch);
        return position.Epoch < 0 || (next < 0 ? End : _epochs[next].Start) >= position.Offset;
    }

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
        from < Start
            ? new(GapVerdict.Retention, Start)
            : new(Next(from) is { } record && record.Offset < to ? GapVerdict.Records : GapVerdict.Hole);
}
