using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// Rows that will be scored after a first pass. The pass reckons and leaves memory idle, scores wait for memory: so the
/// pass asks for some of the rows each time that it goes on to other panels.
/// </summary>
internal unsafe struct RowPrefetch
{
    private readonly float* _rows;
    private readonly ulong* _tags;
    private readonly int _padded;
    private readonly int _each;
    private readonly int* _end;
    private int* _next;

    /// <param name="rows">Rows of <paramref name="padded"/> floats.</param>
    /// <param name="tags">One a row.</param>
    /// <param name="positions">Which of them.</param>
    /// <param name="turns">How often the pass will ask, or fewer.</param>
    public RowPrefetch(float* rows, int padded, ulong* tags, int* positions, int count, int turns)
    {
        _rows = rows;
        _padded = padded;
        _tags = tags;
        _each = (count + turns - 1) / turns;
        _end = positions + count;
        _next = positions;
    }

    /// <summary>Asks for some, until all are asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch()
    {
        for (var until = _end - _next < _each ? _end : _next + _each; _next < until; _next++)
        {
            var row = _rows + (long)*_next * _padded;
            for (var k = 0; k < _padded; k += CanonicalScore.Lanes)
            {
                // Into the second cache: the first is for what the pass is over.
                Sse.Prefetch1(row + k);
            }
            Sse.Prefetch1(_tags + *_next);
        }
    }
}
