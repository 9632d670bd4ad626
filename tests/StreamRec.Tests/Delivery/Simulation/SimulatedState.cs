using System.Buffers.Binary;
using StreamRec.Sequences;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>A simulated user's state: the offsets applied, and the product's sequence.</summary>
internal sealed record SimulatedState(List<long> Offsets, UserSequence Sequence)
{
    public static SimulatedState Read(ReadOnlySpan<byte> bytes)
    {
        var offsets = new List<long>();
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        for (var i = 0; i < count; i++)
        {
            offsets.Add(BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i + 4)..]));
        }
        return new(offsets, StateCodec.Decode(bytes[(4 * count + 4)..]));
    }

    public byte[] Write()
    {
        var sequence = StateCodec.Encode(Sequence);
        var bytes = new byte[4 + 4 * Offsets.Count + sequence.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Offsets.Count);
        for (var i = 0; i < Offsets.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i + 4), (int)Offsets[i]);
        }
        sequence.CopyTo(bytes, 4 + 4 * Offsets.Count);
        return bytes;
    }

    /// <summary>All of it, as a text to compare.</summary>
    public override string ToString() =>
        $"offsets {string.Join(',', Offsets)} events "
        + $"{string.Join(' ', Sequence.Events.Select(e => $"{e.Key.EventId}@{e.Key.TimeMs}"))} "
        + $"floor {(Sequence.Floor is { } f ? $"{f.EventId}@{f.TimeMs}" : "none")} accepted {Sequence.Accepted} last "
        + $"{Sequence.LastOffset}";
}
