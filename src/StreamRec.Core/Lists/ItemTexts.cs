using System.Runtime.CompilerServices;
using System.Text.Json;

namespace StreamRec.Lists;

/// <summary>
/// The items' ids as they stand in a list: encoded, in quotes, each with the comma that follows it, one after another.
/// </summary>
internal sealed class ItemTexts
{
    /// <summary>Bytes beyond a text's end that writing it may change.</summary>
    public const int Beyond = Piece;

    // A list copies a hundred short texts: pieces of one size need neither a call nor a branch for the length.
    private const int Piece = 16;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly IAddedTexts? _added;

    /// <param name="ids">By index; the one at 0 is padding.</param>
    public ItemTexts(IReadOnlyList<JsonEncodedText> ids)
    {
        _starts = new int[ids.Count + 1];
        for (var i = 0; i < ids.Count; i++)
        {
            var length = ids[i].EncodedUtf8Bytes.Length + 3;
            _starts[i + 1] = checked(_starts[i] + length);
            Longest = Math.Max(Longest, length);
        }
        _bytes = new byte[checked(_starts[^1] + Piece)];
        for (var i = 0; i < ids.Count; i++)
        {
            var text = _bytes.AsSpan(_starts[i].._starts[i + 1]);
            (text[0], text[^2], text[^1]) = ((byte)'"', (byte)'"', (byte)',');
            ids[i].EncodedUtf8Bytes.CopyTo(text[1..]);
        }
    }

    private ItemTexts(ItemTexts known, IAddedTexts added)
    {
        (_bytes, _starts, _added) = (known._bytes, known._starts, added);
        Longest = Math.Max(known.Longest, added.Longest);
    }

    /// <summary>The longest one, in bytes.</summary>
    public int Longest { get; }

    /// <summary>Whether there are items beyond those that came first.</summary>
    public bool HasAdded => _added is not null;

    /// <summary>The same, and others.</summary>
    public ItemTexts With(IAddedTexts added) => new(this, added);

    /// <summary>As <see cref="Write"/>, of any item.</summary>
    public int WriteAny(int item, Span<byte> to)
    {
        if (item < _starts.Length - 1)
        {
            return Write(item, to);
        }
        var text = _added!.Of(item);
        text.CopyTo(to);
        return text.Length;
    }

    /// <summary>Writes the text of an item that came first, and returns its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Write(int item, Span<byte> to)
    {
        var (start, length) = (_starts[item], _starts[item + 1] - _starts[item]);
        for (var at = 0; at < length; at += Piece)
        {
            _bytes.AsSpan(start + at, Piece).CopyTo(to.Slice(at, Piece));
        }
        return length;
    }
}
