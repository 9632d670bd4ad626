using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>
/// Ids of events that have none: made of what the event says, so that the same file gives the same ids and another file
/// others. In front stands the event's place among its user's events of that time, by which they sort as they came, and
/// equal rows of a file are events of their own.
/// </summary>
/// <param name="file">Where times are made up, what tells the file from others; else 0: an event that two files hold is
/// one.</param>
internal sealed class EventIds(ulong file)
{
    private const int MostKept = 4096;
    private const int HashDigits = 16;

    private readonly byte[] _text = new byte[2 * sizeof(long) + 4 * (1 + EventLimits.MaxIdBytes)];
    private Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private long _timeMs = long.MinValue;

    /// <summary>The id of the next event, in the order of time.</summary>
    public string Next(in ClickEvent click)
    {
        if (click.TimeMs != _timeMs)
        {
            _timeMs = click.TimeMs;
            if (_places.Capacity > MostKept)
            {
                _places = new(StringComparer.Ordinal);
            }
            _places.Clear();
        }
        var place = CollectionsMarshal.GetValueRefOrAddDefault(_places, click.UserId, out _)++;
        Span<char> id = stackalloc char[1 + sizeof(int) * 2 + HashDigits];
        // Its length in front of it, so that 10 sorts behind f: 00, 0f, 110, 1ff, 2100.
        place.TryFormat(id[1..], out var digits, "x");
        id[0] = (char)('0' + digits - 1);
        Hash(click).TryFormat(id[(1 + digits)..], out _, "x16");
        return new string(id[..(1 + digits + HashDigits)]);
    }

    private ulong Hash(in ClickEvent click)
    {
        var text = _text.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(text, click.TimeMs);
        BinaryPrimitives.WriteUInt64LittleEndian(text[sizeof(long)..], file);
        var length = 2 * sizeof(long);
        Put(click.UserId, text, ref length);
        Put(click.ItemId, text, ref length);
        Put(click.Type, text, ref length);
        Put(click.SessionId ?? "", text, ref length);
        return XxHash3.HashToUInt64(text[..length]);
    }

    // The length in front keeps a text from running into the next.
    private static void Put(string part, Span<byte> text, ref int length)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(part, text[(length + 1)..]);
        text[length] = (byte)bytes;
        length += 1 + bytes;
    }
}
