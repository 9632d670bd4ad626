using StreamRec.Binary;

namespace StreamRec.Sequences;

/// <summary>A sequence as the bytes that the store holds: schemas/state.md. The same sequence gives the same bytes.</summary>
public static class StateCodec
{
    /// <summary>The version that is written; every older one is still read.</summary>
    public const byte Version = 1;

    /// <summary>Most events that a state may hold.</summary>
    public const int MaxEvents = 10_000;

    /// <summary>Longest text, in UTF-8 bytes.</summary>
    private const int MaxTextBytes = 128;

    private static readonly string[] s_types = ["", "view", "click", "cart", "purchase"];

    public static byte[] Encode(UserSequence sequence)
    {
        var writer = new VarintWriter(64 + sequence.Events.Count * 20);
        writer.Byte(Version);
        writer.Signed(sequence.LastOffset);
        writer.Signed(sequence.LastEpoch);
        writer.Signed(sequence.LastRecordMs);
        writer.Unsigned((ulong)sequence.Accepted);
        var previous = new EventKey(0, "");
        writer.Byte((byte)(sequence.Floor is null ? 0 : 1));
        if (sequence.Floor is { } floor)
        {
            Key(ref writer, floor, previous);
            previous = floor;
        }
        writer.Unsigned((ulong)sequence.Events.Count);
        foreach (var kept in sequence.Events)
        {
            Key(ref writer, kept.Key, previous);
            writer.Text(kept.ItemId);
            var code = Array.IndexOf(s_types, kept.Type, 1);
            writer.Byte((byte)Math.Max(code, 0));
            if (code < 0)
            {
                writer.Text(kept.Type);
            }
            previous = kept.Key;
        }
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no state: cut, of a newer version, or corrupt.</exception>
    public static UserSequence Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new VarintReader(bytes);
        var version = reader.Byte();
        if (version != Version)
        {
            throw new InvalidDataException($"The state's version is {version}; this program reads {Version}.");
        }
        var sequence = new UserSequence
        {
            LastOffset = reader.Signed(), LastEpoch = (int)Math.Clamp(reader.Signed(), int.MinValue, int.MaxValue), LastRecordMs = reader.Signed(),
            Accepted = (long)reader.Unsigned(long.MaxValue),
        };
        var previous = new EventKey(0, "");
        if (reader.Byte() != 0)
        {
            sequence.Floor = previous = Key(ref reader, previous);
        }
        var count = (int)reader.Unsigned(MaxEvents);
        for (var i = 0; i < count; i++)
        {
            var key = Key(ref reader, previous);
            if ((i > 0 || sequence.Floor is not null) && key.CompareTo(previous) <= 0)
            {
                throw new InvalidDataException($"Event {i} of the state is not above the one before it.");
            }
            var item = reader.Text(MaxTextBytes);
            var code = reader.Byte();
            if (code >= s_types.Length)
            {
                throw new InvalidDataException($"Event {i} of the state has the unknown type code {code}.");
            }
            sequence.Append(new KeptEvent(key, item, code == 0 ? reader.Text(MaxTextBytes) : s_types[code]));
            previous = key;
        }
        reader.End();
        return sequence;
    }

    // Time as the distance to the previous key's, id as what differs from the previous one's end.
    private static void Key(ref VarintWriter writer, in EventKey key, in EventKey previous)
    {
        writer.Unsigned((ulong)(key.TimeMs - previous.TimeMs));
        var shared = 0;
        var most = Math.Min(key.EventId.Length, previous.EventId.Length);
        while (shared < most && key.EventId[shared] == previous.EventId[shared] && char.IsAscii(key.EventId[shared]))
        {
            shared++;
        }
        writer.Unsigned((ulong)shared);
        writer.Text(key.EventId.AsSpan(shared));
    }

    private static EventKey Key(ref VarintReader reader, in EventKey previous)
    {
        var time = previous.TimeMs + (long)reader.Unsigned(long.MaxValue);
        var shared = (int)reader.Unsigned((ulong)previous.EventId.Length);
        var rest = reader.Text(MaxTextBytes);
        return new EventKey(time, string.Concat(previous.EventId.AsSpan(0, shared), rest));
    }
}
