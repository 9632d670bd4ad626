using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;

namespace StreamRec.Recommendations;

/// <summary>Writes the published list, schemas/list.md, into memory that is there.</summary>
internal ref struct ListText(Span<byte> destination)
{
    private const double MaxScore = 1e9;
    private const int Decimals = 5, PowerOfDecimals = 100_000;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (byte)c).Where(c => c is not ((byte)'"' or (byte)'\\'))]);

    private readonly Span<byte> _to = destination;
    private int _at;

    /// <summary>More bytes than a list takes.</summary>
    public static int MostBytes(int items, ItemTexts ids) => 4096 + items * (ids.Longest + 1 + 18);

    /// <summary>Writes a list and returns its length.</summary>
    /// <param name="items">Item indices, best first.</param>
    /// <param name="scores">As many scores, each a number; beyond ±1e9 they are cut off.</param>
    /// <param name="ids">The ids by index.</param>
    public int Write(in Provenance made, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, ItemTexts ids)
    {
        Raw("{\"format\":"u8);
        Number(ListJson.Format);
        Text(",\"kind\":"u8, made.Kind);
        Text(",\"model\":"u8, made.ModelId);
        Raw(",\"items\":["u8);
        Items(items, ids);
        Raw("],\"scores\":["u8);
        for (var i = 0; i < items.Length; i++)
        {
            Score(scores[i]);
            _to[_at++] = (byte)',';
        }
        // The comma after the last one.
        _at -= items.Length > 0 ? 1 : 0;
        Raw("]"u8);
        if (made.LastEvent is { } last)
        {
            Text(",\"last_event\":{\"id\":"u8, last.EventId.Span);
            Number(",\"ts\":"u8, last.TimeMs);
            Raw("}"u8);
        }
        if (made.Through is { } through)
        {
            Text(",\"through\":{\"topic_uuid\":"u8, through.TopicUuid);
            Number(",\"partition\":"u8, through.Partition);
            Number(",\"generation\":"u8, through.Generation);
            Number(",\"epoch\":"u8, through.Epoch);
            Number(",\"offset\":"u8, through.Offset);
            Number(",\"claim\":"u8, through.Claim);
            Raw("}"u8);
        }
        Text(",\"options\":"u8, made.Options);
        Number(",\"written_at\":"u8, made.WrittenAtMs);
        Raw("}"u8);
        return _at;
    }

    private void Items(ReadOnlySpan<int> items, ItemTexts ids)
    {
        foreach (var item in items)
        {
            Raw(ids[item]);
            _to[_at++] = (byte)',';
        }
        _at -= items.Length > 0 ? 1 : 0;
    }

    /// <summary>Exactly 5 decimals, the nearest, ties to even; never "-0.00000".</summary>
    private void Score(float score)
    {
        if (float.IsNaN(score))
        {
            throw new InvalidOperationException("A score is not a number: the model's encoder gave a vector that is not finite.");
        }
        var scaled = (long)Math.Round(Math.Clamp((double)score, -MaxScore, MaxScore) * PowerOfDecimals);
        if (scaled < 0)
        {
            _to[_at++] = (byte)'-';
            scaled = -scaled;
        }
        var (whole, fraction) = ((ulong)scaled / PowerOfDecimals, (uint)((ulong)scaled % PowerOfDecimals));
        if (whole < 10)
        {
            _to[_at++] = (byte)('0' + whole);
        }
        else
        {
            Number((long)whole);
        }
        _to[_at] = (byte)'.';
        for (var digit = Decimals; digit > 0; digit--)
        {
            (fraction, var last) = Math.DivRem(fraction, 10);
            _to[_at + digit] = (byte)('0' + last);
        }
        _at += 1 + Decimals;
    }

    private void Text(ReadOnlySpan<byte> name, string text)
    {
        Raw(name);
        _to[_at++] = (byte)'"';
        var written = System.Text.Encoding.UTF8.GetBytes(text, _to[_at..]);
        var raw = _to.Slice(_at, written);
        if (raw.ContainsAnyExcept(s_plain))
        {
            Escaped(raw.ToArray());
        }
        else
        {
            _at += written;
        }
        _to[_at++] = (byte)'"';
    }

    private void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        Raw(name);
        _to[_at++] = (byte)'"';
        if (utf8.ContainsAnyExcept(s_plain))
        {
            Escaped(utf8);
        }
        else
        {
            Raw(utf8);
        }
        _to[_at++] = (byte)'"';
    }

    private void Escaped(ReadOnlySpan<byte> utf8)
    {
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(utf8, _to[_at..], out _, out var written);
        _at += written;
    }

    private void Number(ReadOnlySpan<byte> name, long value)
    {
        Raw(name);
        Number(value);
    }

    private void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _to[_at..], out var written);
        _at += written;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_to[_at..]);
        _at += bytes.Length;
    }
}
