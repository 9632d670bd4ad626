namespace StreamRec.Lists;

/// <summary>
/// Memory for a batch's texts: lent out piece by piece, taken back all at once. One thread at a time.
/// </summary>
internal sealed class SlabBuffer
{
    private const int SlabBytes = 256 << 10;

    private readonly List<byte[]> _slabs = [];
    private int _slab;
    private int _at;

    /// <summary>A contiguous piece, whose used part is to be taken with <see cref="Take"/>.</summary>
    public Span<byte> Reserve(int most)
    {
        while (_slab < _slabs.Count && _slabs[_slab].Length - _at < most)
        {
            (_slab, _at) = (_slab + 1, 0);
        }
        if (_slab == _slabs.Count)
        {
            _slabs.Add(new byte[Math.Max(SlabBytes, most)]);
        }
        return _slabs[_slab].AsSpan(_at, most);
    }

    /// <summary>The used part of the piece that was reserved last; valid until <see cref="Reset"/>.</summary>
    public ReadOnlyMemory<byte> Take(int used)
    {
        var taken = _slabs[_slab].AsMemory(_at, used);
        _at += used;
        return taken;
    }

    /// <summary>Takes all back.</summary>
    public void Reset() => (_slab, _at) = (0, 0);
}
