using StreamRec.Binary;
using StreamRec.Events;

namespace StreamRec.Sequences;

/// <summary>A sequence as the bytes that the store holds: schemas/state.md. The same sequence gives the same bytes.</summary>
/// <remarks>The bytes of an event depend on it, on the event before it, and on whether all times are whole seconds.</remarks>
public static class StateCodec
{
    /// <summary>The version that is written; every older one is still read.</summary>
    public const byte Version = 1;

    /// <summary>Most events that a state may hold.</summary>
    public const int MaxEvents = 10_000;

    private const byte HasFloor = 1, WholeSeconds = 2;
    private const int FormBits = 3, FormMask = 7;
    private const byte TypeFollows = 1 << (2 * FormBits);
    private const long Second = 1_000;

    /// <summary>Before the first event stands nothing: time 0, empty ids, a click.</summary>
    private static readonly KeptEvent s_nothing = new(new EventKey(0, ""), "", EventTypes.Click);

    public static byte[] Encode(UserSequence sequence)
    {
        var writer = new VarintWriter(64 + sequence.Events.Count * 24);
        var unit = Unit(sequence);
        var previous = Head(ref writer, sequence, unit);
        foreach (var kept in sequence.Events)
        {
            Write(ref writer, kept, previous, unit);
            previous = kept;
        }
        return writer.ToArray();
    }

    /// <summary>Writes what stands before the events, and returns what the first one is encoded against.</summary>
    internal static KeptEvent Head(ref VarintWriter writer, UserSequence sequence, long unit)
    {
        writer.Byte(Version);
        writer.Byte((byte)((sequence.Floor is null ? 0 : HasFloor) | (unit == Second ? WholeSeconds : 0)));
        writer.Unsigned((ulong)sequence.Accepted);
        writer.Signed(sequence.LastOffset);
        writer.Signed(sequence.LastEpoch);
        writer.Signed(sequence.LastRecordMs);
        var previous = s_nothing;
        if (sequence.Floor is { } floor)
        {
            var tag = writer.Length;
            writer.Byte(0);
            writer.Unsigned((ulong)(floor.TimeMs / unit));
            writer.Set(tag, (byte)CompactText.Write(ref writer, floor.EventId, ""));
            previous = previous with { Key = floor };
        }
        writer.Unsigned((ulong)sequence.Events.Count);
        return previous;
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
        var flags = reader.Byte();
        if ((flags & ~(HasFloor | WholeSeconds)) != 0)
        {
            throw new InvalidDataException($"The state's flags are {flags}; this program knows {HasFloor} and {WholeSeconds}.");
        }
        var unit = (flags & WholeSeconds) != 0 ? Second : 1;
        var sequence = new UserSequence { Accepted = (long)reader.Unsigned(long.MaxValue), LastOffset = reader.Signed() };
        var epoch = reader.Signed();
        sequence.LastEpoch = epoch is >= -1 and <= int.MaxValue ? (int)epoch : throw new InvalidDataException($"The epoch is {epoch}.");
        sequence.LastRecordMs = reader.Signed();
        var previous = s_nothing;
        if ((flags & HasFloor) != 0)
        {
            var form = (TextForm)reader.Byte();
            var floor = new EventKey(Time(ref reader, 0, unit), CompactText.Read(ref reader, form, ""));
            sequence.Floor = floor;
            previous = previous with { Key = floor };
        }
        var count = (int)reader.Unsigned(MaxEvents);
        for (var i = 0; i < count; i++)
        {
            var kept = Read(ref reader, previous, unit);
            if (kept.Key.CompareTo(previous.Key) <= 0)
            {
                throw new InvalidDataException($"Event {i} of the state is not above the one before it.");
            }
            sequence.Append(kept);
            previous = kept;
        }
        reader.End();
        return sequence;
    }

    internal static void Write(ref VarintWriter writer, in KeptEvent kept, in KeptEvent previous, long unit)
    {
        var tag = writer.Length;
        writer.Byte(0);
        writer.Unsigned((ulong)((kept.Key.TimeMs - previous.Key.TimeMs) / unit));
        var idForm = CompactText.Write(ref writer, kept.Key.EventId, previous.Key.EventId);
        var itemForm = CompactText.Write(ref writer, kept.ItemId, previous.ItemId);
        var sameType = kept.Type == previous.Type;
        writer.Set(tag, (byte)((int)idForm | ((int)itemForm << FormBits) | (sameType ? 0 : TypeFollows)));
        if (!sameType)
        {
            var code = EventTypes.CodeOf(kept.Type);
            writer.Byte(code);
            if (code == EventTypes.OtherCode)
            {
                writer.Text(kept.Type);
            }
        }
    }

    private static KeptEvent Read(ref VarintReader reader, in KeptEvent previous, long unit)
    {
        var tag = reader.Byte();
        if (tag > (TypeFollows | (TypeFollows - 1)))
        {
            throw new InvalidDataException($"An event's tag is {tag}.");
        }
        var time = Time(ref reader, previous.Key.TimeMs, unit);
        var id = CompactText.Read(ref reader, (TextForm)(tag & FormMask), previous.Key.EventId);
        var item = CompactText.Read(ref reader, (TextForm)((tag >> FormBits) & FormMask), previous.ItemId);
        return new KeptEvent(new EventKey(time, id), item, (tag & TypeFollows) == 0 ? previous.Type : Type(ref reader));
    }

    private static string Type(ref VarintReader reader)
    {
        var code = reader.Byte();
        return code == EventTypes.OtherCode
            ? reader.Text(EventLimits.MaxTypeBytes)
            : EventTypes.FromCode(code) ?? throw new InvalidDataException($"The type code {code} is not known.");
    }

    private static long Time(ref VarintReader reader, long previous, long unit) =>
        previous + (long)reader.Unsigned((ulong)((EventLimits.MaxTimeMs - previous) / unit)) * unit;

    /// <summary>1 s where all times are whole seconds, else 1 ms.</summary>
    internal static long Unit(UserSequence sequence)
    {
        if (sequence.Floor is { } floor && floor.TimeMs % Second != 0)
        {
            return 1;
        }
        foreach (var kept in sequence.Events)
        {
            if (kept.Key.TimeMs % Second != 0)
            {
                return 1;
            }
        }
        return Second;
    }
}
