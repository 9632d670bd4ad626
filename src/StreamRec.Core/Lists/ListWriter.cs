using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Encodings.Web;

namespace StreamRec.Lists;

/// <summary>Writes the published list, schemas/list.md, into memory that is there.</summary>
internal ref struct ListWriter(Span<byte> destination)
{
    private const double MaxScore = 1e9;
    private const int PowerOfDecimals = 100_000;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create([
        .. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (byte)c).Where(c => c is not ((byte)'"' or (byte)'\\')),
    ]);

    private readonly Span<byte> _to = destination;
    private int _at;

    /// <summary>More bytes than a list takes.</summary>
    public static int MostBytes(int items, ItemTexts ids) => 4096 + ItemTexts.Beyond + items * (ids.Longest + 18);

    /// <summary>Writes a list and returns its length.</summary>
    /// <param name="items">Item indices, best first.</param>
    /// <param name="scores">As many scores, each a number; beyond ±1e9 they are cut off.</param>
    /// <param name="ids">The ids by index.</param>
    public int Write(in Provenance made, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, ItemTexts ids)
    {
        Raw("{\"format\":"u8);
        Number(PublishedList.CurrentFormat);
        Text(",\"kind\":"u8, made.Kind);
        if (made.Segment is { } segment)
        {
            Text(",\"segment\":"u8, segment);
        }
        Text(",\"model\":"u8, made.ModelId);
        Raw(",\"items\":["u8);
        Items(items, ids);
        Raw("],\"scores\":["u8);
        Scores(scores[..items.Length]);
        Raw("]"u8);
        if (made.LastEvent is { } last)
        {
            Raw(","u8);
            Text(LastEventMark.Key, last.EventId.Span);
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
            if (through.Promotion != 0)
            {
                Number(",\"promotion\":"u8, through.Promotion);
            }
            Number(",\"claim\":"u8, through.Claim);
            Raw("}"u8);
        }
        Text(",\"options\":"u8, made.Options);
        if (made.Catalogue is { } catalogue)
        {
            Text(",\"catalogue\":{\"topic_uuid\":"u8, catalogue.TopicUuid);
            Number(",\"offset\":"u8, catalogue.Offset);
            Raw("}"u8);
        }
        if (made.Promotion != 0)
        {
            Number(",\"promotion\":"u8, made.Promotion);
        }
        Number(",\"written_at\":"u8, made.WrittenAtMs);
        Raw("}"u8);
        return _at;
    }

    private void Items(ReadOnlySpan<int> items, ItemTexts ids)
    {
        var at = _at;
        if (ids.HasAdded)
        {
            foreach (var item in items)
            {
                at += ids.WriteAny(item, _to[at..]);
            }
        }
        else
        {
            foreach (var item in items)
            {
                at += ids.Write(item, _to[at..]);
            }
        }
        // The comma after the last one.
        _at = at - (items.Length > 0 ? 1 : 0);
    }

    private void Scores(ReadOnlySpan<float> scores)
    {
        var at = _at;
        foreach (var score in scores)
        {
            at += Score(score, _to[at..]);
        }
        _at = at - (scores.Length > 0 ? 1 : 0);
    }

    /// <summary>Exactly 5 decimals, the nearest, ties to even, never "-0.00000", and a comma.</summary>
    private static int Score(float score, Span<byte> to)
    {
        if (float.IsNaN(score))
        {
            throw new InvalidOperationException(
                "A score is not a number: the model's encoder gave a vector that is not finite."
            );
        }
        var scaled = double.ConvertToIntegerNative<long>(
            Math.Round(Math.Clamp((double)score, -MaxScore, MaxScore) * PowerOfDecimals)
        );
        // Written whether it stays or not: signs cannot be foretold.
        to[0] = (byte)'-';
        var below = scaled >> 63;
        var (sign, size) = ((int)-below, (ulong)((scaled ^ below) - below));
        var whole = size / PowerOfDecimals;
        if (whole < 10)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to[sign..], Short((uint)size));
            return sign + sizeof(ulong);
        }
        Utf8Formatter.TryFormat(whole, to[sign..], out var written);
        // The last digit of the whole part and what follows it.
        var rest = sign + written - 1;
        BinaryPrimitives.WriteUInt64LittleEndian(
            to[rest..],
            Short((uint)(whole % 10 * PowerOfDecimals + size % PowerOfDecimals))
        );
        return rest + sizeof(ulong);
    }

    /// <summary>Six digits as the eight bytes "1.23456,".</summary>
    private static ulong Short(uint digits)
    {
        // Pairs of digits, sixteen bits each; a tenth of less than 179 is its product with 103 over 1024.
        var pairs = digits / 10_000 | (ulong)(digits / 100 % 100) << 16 | (ulong)(digits % 100) << 32;
        var tens = (pairs * 103 >> 10) & 0x000F_000F_000F;
        var text = (tens | (pairs - tens * 10) << 8) + 0x3030_3030_3030;
        return (text & 0xFF) | (ulong)'.' << 8 | (text & 0xFFFF_FFFF_FF00) << 8 | (ulong)',' << 56;
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
