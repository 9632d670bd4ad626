namespace StreamRec.Files;

/// <summary>
/// A stream whose first bytes are looked at before they are read: what cannot be read twice need not be.
/// </summary>
internal sealed class HeadedStream : ReadStream
{
    private const int MostHead = 1024;

    private readonly Stream _inner;
    private readonly byte[] _head = new byte[MostHead];
    private readonly int _length;
    private int _given;

    /// <param name="least">No more bytes are waited for.</param>
    public HeadedStream(Stream inner, int least = MostHead)
    {
        _inner = inner;
        int read;
        while (_length < least && (read = inner.Read(_head.AsSpan(_length))) > 0)
        {
            _length += read;
        }
    }

    /// <summary>The first bytes, up to 1 KiB; none of an empty stream.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _length);

    public override int Read(Span<byte> buffer)
    {
        if (_given == _length)
        {
            return _inner.Read(buffer);
        }
        var taken = Math.Min(buffer.Length, _length - _given);
        _head.AsSpan(_given, taken).CopyTo(buffer);
        _given += taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }
}
