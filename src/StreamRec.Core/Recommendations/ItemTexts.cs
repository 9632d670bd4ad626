using System.Text.Json;

namespace StreamRec.Recommendations;

/// <summary>The items' ids as they stand in a list: encoded, in quotes, one after another.</summary>
internal sealed class ItemTexts
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    /// <param name="ids">By index; the one at 0 is padding.</param>
    public ItemTexts(IReadOnlyList<JsonEncodedText> ids)
    {
        _starts = new int[ids.Count + 1];
        for (var i = 0; i < ids.Count; i++)
        {
            var length = ids[i].EncodedUtf8Bytes.Length + 2;
            _starts[i + 1] = checked(_starts[i] + length);
            Longest = Math.Max(Longest, length);
        }
        _bytes = new byte[_starts[^1]];
        for (var i = 0; i < ids.Count; i++)
        {
            _bytes[_starts[i]] = _bytes[_starts[i + 1] - 1] = (byte)'"';
            ids[i].EncodedUtf8Bytes.CopyTo(_bytes.AsSpan(_starts[i] + 1));
        }
    }

    /// <summary>The longest one, in bytes.</summary>
    public int Longest { get; }

    public ReadOnlySpan<byte> this[int item] => _bytes.AsSpan(_starts[item], _starts[item + 1] - _starts[item]);
}
