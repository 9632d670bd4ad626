using StreamRec.Binary;
using StreamRec.Events;

namespace StreamRec.Sequences;

/// <summary>
/// A sequence as the bytes that the store holds: schemas/state.md. The same sequence gives the same bytes.
/// </summary>
/// <remarks>
/// The bytes of an event depend on it, on the event before it, and on whether all times are whole seconds.
/// </remarks>
public static class StateCodec
{
    /// <summary>The version that is written; every older one is still read.</summary>
    public const byte Version = 1;

    /// <summary>Most events that a state may hold.</summary>
    public const int MaxEvents = 10_000;

    private const byte HasFloor = 1,
        WholeSeconds = 2;
    private const int FormBits = 3,
        FormMask = 7;
    private const byte TypeFollows = 1 << (2 * FormBits);
    private const long Second = 1_000;

    public static byte[] Encode(UserSequence sequence)
    {
        var writer = new VarintWriter(64 + sequence.Count * 24);
        var unit = Unit(sequence);
        var previous = Head(ref writer, sequence, unit);
        for (var i = 0; i < sequence.Count; i++)
        {
            Write(ref writer, sequence[i], previous, unit);
            previous = sequence[i];
        }
        return writer.ToArray();
    }

    /// <summary>Writes what stands before the events, and returns what the first one is encoded against.</summary>
    internal static KeptView Head(ref VarintWriter writer, UserSequence sequence, long unit)
    {
        writer.Byte(Version);
        writer.Byte((byte)((sequence.HasFloor ? HasFloor : 0) | (unit == Second ? WholeSeconds : 0)));
        writer.Unsigned((ulong)sequence.Accepted);
        writer.Signed(sequence.LastOffset);
        writer.Signed(sequence.LastEpoch);
        writer.Signed(sequence.LastRecordMs);
        var previous = Before(0, []);
        if (sequence.HasFloor)
        {
            var floor = sequence.FloorEvent;
            var tag = writer.Length;
            writer.Byte(0);
            writer.Unsigned((ulong)(floor.TimeMs / unit));
            writer.Set(tag, (byte)CompactText.Write(ref writer, floor.EventId, []));
            previous = Before(floor.TimeMs, floor.EventId);
        }
        writer.Unsigned((ulong)sequence.Count);
        return previous;
    }

    /// <exception cref="InvalidDataException">The bytes are no state: cut, of a newer version, or corrupt.</exception>
    public static UserSequence Decode(ReadOnlySpan<byte> bytes)
    {
        var sequence = new UserSequence();
        Decode(bytes, sequence);
        return sequence;
    }

    /// <summary>As <see cref="Decode(ReadOnlySpan{byte})"/>, into the memory of a sequence, whatever it held.</summary>
    internal static void Decode(ReadOnlySpan<byte> bytes, UserSequence sequence)
    {
        sequence.Clear();
        var reader = new VarintReader(bytes);
        var version = reader.Byte();
        if (version != Version)
        {
            throw new InvalidDataException($"The state's version is {version}; this program reads {Version}.");
        }
        var flags = reader.Byte();
        if ((flags & ~(HasFloor | WholeSeconds)) != 0)
        {
            throw new InvalidDataException(
                $"The state's flags are {flags}; this program knows {HasFloor} and {WholeSeconds}."
            );
        }
        var unit = (flags & WholeSeconds) != 0 ? Second : 1;
        sequence.Accepted = (long)reader.Unsigned(long.MaxValue);
        sequence.LastOffset = reader.Signed();
        var epoch = reader.Signed();
        sequence.LastEpoch = epoch is >= -1 and <= int.MaxValue
            ? (int)epoch
            : throw new InvalidDataException($"The epoch is {epoch}.");
        sequence.LastRecordMs = reader.Signed();
        if ((flags & HasFloor) != 0)
        {
            ReadFloor(ref reader, sequence, unit);
        }
        var count = (int)reader.Unsigned(MaxEvents);
        for (var i = 0; i < count; i++)
        {
            Read(
                ref reader,
                sequence,
                i > 0 ? sequence[i - 1]
                    : sequence.HasFloor ? sequence.FloorEvent
                    : Before(0, []),
                unit
            );
        }
        reader.End();
    }

    internal static void Write(ref VarintWriter writer, in KeptView kept, in KeptView previous, long unit)
    {
        var tag = writer.Length;
        writer.Byte(0);
        writer.Unsigned((ulong)((kept.TimeMs - previous.TimeMs) / unit));
        var idForm = CompactText.Write(ref writer, kept.EventId, previous.EventId);
        var itemForm = CompactText.Write(ref writer, kept.ItemId, previous.ItemId);
        var sameType = kept.Type.SequenceEqual(previous.Type);
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

    /// <summary>What stands before the first event: no item, and a click.</summary>
    private static KeptView Before(long timeMs, ReadOnlySpan<byte> eventId) =>
        new()
        {
            TimeMs = timeMs,
            EventId = eventId,
            ItemId = [],
            Type = "click"u8,
        };

    private static void ReadFloor(ref VarintReader reader, UserSequence sequence, long unit)
    {
        Span<byte> id = stackalloc byte[CompactText.MaxBytes];
        var form = (TextForm)reader.Byte();
        var time = Time(ref reader, 0, unit);
        sequence.AppendFloor(Before(time, id[..CompactText.Read(ref reader, form, [], id)]));
    }

    private static void Read(ref VarintReader reader, UserSequence sequence, in KeptView previous, long unit)
    {
        Span<byte> id = stackalloc byte[CompactText.MaxBytes],
            item = stackalloc byte[CompactText.MaxBytes];
        var tag = reader.Byte();
        if (tag > (TypeFollows | (TypeFollows - 1)))
        {
            throw new InvalidDataException($"An event's tag is {tag}.");
        }
        var kept = new KeptView
        {
            TimeMs = Time(ref reader, previous.TimeMs, unit),
            EventId = id[..CompactText.Read(ref reader, (TextForm)(tag & FormMask), previous.EventId, id)],
            ItemId = item[
                ..CompactText.Read(ref reader, (TextForm)((tag >> FormBits) & FormMask), previous.ItemId, item)
            ],
            Type = (tag & TypeFollows) == 0 ? previous.Type : Type(ref reader),
        };
        if (kept.CompareTo(previous) <= 0)
        {
            throw new InvalidDataException($"Event {sequence.Count} of the state is not above the one before it.");
        }
        sequence.Append(kept);
    }

    private static ReadOnlySpan<byte> Type(ref VarintReader reader)
    {
        var code = reader.Byte();
        return code == EventTypes.OtherCode ? reader.Text(EventLimits.MaxTypeBytes)
            : EventTypes.IsCode(code) ? EventTypes.Utf8Of(code)
            : throw new InvalidDataException($"The type code {code} is not known.");
    }

    private static long Time(ref VarintReader reader, long previous, long unit) =>
        previous + (long)reader.Unsigned((ulong)((EventLimits.MaxTimeMs - previous) / unit)) * unit;

    /// <summary>1 s where all times are whole seconds, else 1 ms.</summary>
    internal static long Unit(UserSequence sequence) => sequence.InSeconds ? Second : 1;
}
