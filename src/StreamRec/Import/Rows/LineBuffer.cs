namespace StreamRec.Import.Rows;

/// <summary>
/// The lines of a text, as bytes, each ending in LF, CR LF or CR. A record is a line, and as many after it as are asked
/// for; it can be cut back to its first line, and those after it are then lines again. Streams: what is behind is
/// forgotten.
/// </summary>
internal sealed class LineBuffer(Stream stream)
{
    /// <summary>Longer records are passed over.</summary>
    public const int MostBytes = 1 << 20;

    private const byte LineFeed = (byte)'\n',
        Return = (byte)'\r';

    private byte[] _buffer = new byte[1 << 18];
    private int _start,
        _filled;
    private bool _ended,
        _again;
    private long _lines;

    // From the record's start: where it ends, and where what follows begins; and the same of its first line.
    private (int End, int Next) _record,
        _first;

    /// <summary>The number of the record's first line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>How many lines the record has.</summary>
    public long Lines => _lines - Number + 1;

    /// <summary>The record is longer than <see cref="MostBytes"/>: nothing of it is shown.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>
    /// The record, without its last line's end. It stays where it is until <see cref="Next"/> or <see cref="Extend"/>.
    /// </summary>
    public ReadOnlySpan<byte> Record => _buffer.AsSpan(_start, _record.End);

    /// <summary>Goes on to the next line.</summary>
    public bool Next()
    {
        if (_again)
        {
            _again = false;
            return true;
        }
        _start += _record.Next;
        _record = _first = default;
        IsTooLong = false;
        Number = _lines + 1;
        if (!Extend())
        {
            if (!IsTooLong)
            {
                return false;
            }
            SkipLine();
        }
        if (Number == 1 && Record.StartsWith("\uFEFF"u8))
        {
            _start += 3;
            _record = (_record.End - 3, _record.Next - 3);
        }
        _first = _record;
        return true;
    }

    /// <summary>The record is the next one once more.</summary>
    public void Again() => _again = true;

    /// <summary>Makes the next line part of the record; not where there is none, or it would become too long.</summary>
    public bool Extend()
    {
        var from = _record.Next;
        while (true)
        {
            var seen = _filled - _start;
            var at = _buffer.AsSpan(_start + from, seen - from).IndexOfAny(LineFeed, Return);
            var end = at < 0 ? seen : from + at;
            // What follows a CR at the buffer's end must be seen before it is known what ends there.
            if (end + 1 < seen || (end < seen && _buffer[_start + end] == LineFeed) || _ended)
            {
                if (end == seen && end == _record.Next)
                {
                    return false;
                }
                var pair = end + 1 < seen && _buffer[_start + end] == Return && _buffer[_start + end + 1] == LineFeed;
                _record = (end, Math.Min(seen, end + (pair ? 2 : 1)));
                _lines++;
                return true;
            }
            if (seen > MostBytes)
            {
                IsTooLong = _record.Next == 0;
                return false;
            }
            from = end;
            Fill();
        }
    }

    public void BackToFirstLine()
    {
        _record = _first;
        _lines = Number;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
            (_start, _filled) = (0, _filled - _start);
        }
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }
        var read = stream.Read(_buffer.AsSpan(_filled));
        _filled += read;
        _ended = read == 0;
    }

    /// <summary>Reads on to the end of a line that is too long.</summary>
    private void SkipLine()
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _filled - _start).IndexOfAny(LineFeed, Return);
            if (end >= 0 && end + 1 < _filled - _start)
            {
                var pair = _buffer[_start + end] == Return && _buffer[_start + end + 1] == LineFeed;
                _start += end + (pair ? 2 : 1);
                break;
            }
            // The last byte stays: it may be a CR.
            _start = end >= 0 ? _start + end : _filled;
            Fill();
            if (_ended)
            {
                _start = _filled;
                break;
            }
        }
        _record = default;
        _lines++;
    }
}
