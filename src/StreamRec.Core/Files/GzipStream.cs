using System.IO.Compression;

namespace StreamRec.Files;

/// <summary>
/// Unpacks gzip, and tells data that are cut short from those that end: the system's own stream takes both for an end.
/// A member of our own is put behind the data; it is unpacked as their last bytes only if all before it was whole.
/// </summary>
internal sealed class GzipStream : ReadStream
{
    private static readonly byte[] s_end = [.. "streamrec: end of the gzip data\n"u8];

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start,
        _filled;
    private bool _ended;

    public GzipStream(Stream packed)
    {
        var member = new MemoryStream();
        using (var pack = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
        {
            pack.Write(s_end);
        }
        _unpacked = new GZipStream(new Joined(packed, member.ToArray()), CompressionMode.Decompress);
    }

    /// <exception cref="InvalidDataException">The data are damaged, or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        // What may be the end is held back.
        while (!_ended && _filled - _start <= s_end.Length)
        {
            _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
            (_start, _filled) = (0, _filled - _start);
            var read = _unpacked.Read(_buffer.AsSpan(_filled));
            _filled += read;
            _ended = read == 0;
            if (_ended && !_buffer.AsSpan(0, _filled).EndsWith(s_end))
            {
                throw new InvalidDataException("The gzip data are cut short, or followed by other bytes.");
            }
        }
        var taken = Math.Min(buffer.Length, _filled - _start - s_end.Length);
        _buffer.AsSpan(_start, taken).CopyTo(buffer);
        _start += taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Joined(Stream first, byte[] last) : ReadStream
    {
        private int _given = -1;

        public override int Read(Span<byte> buffer)
        {
            if (_given < 0)
            {
                if (first.Read(buffer) is var read and > 0)
                {
                    return read;
                }
                _given = 0;
            }
            var taken = Math.Min(buffer.Length, last.Length - _given);
            last.AsSpan(_given, taken).CopyTo(buffer);
            _given += taken;
            return taken;
        }

        protected override void Dispose(bool disposing)
        {
            first.Dispose();
            base.Dispose(disposing);
        }
    }
}
