using System.Runtime.InteropServices;
using StreamRec.Binary;
using StreamRec.Numerics.Memory;

namespace StreamRec.Sequences;

/// <summary>
/// The encoded events of a sequence, kept beside it, so that one more event costs the encoding of one and not of all.
/// The bytes are those of <see cref="StateCodec.Encode"/>. One thread at a time.
/// </summary>
/// <remarks>
/// An event is encoded against the one before it, so what was encoded stays right when others go from the front, but
/// for the first: that one is encoded anew each time, against the floor.
/// </remarks>
internal sealed class EncodedSequence
{
    private readonly List<ushort> _lengths = new(KeptEvents.LeastEvents);
    private VarintWriter _events = new(KeptEvents.LeastBytes);
    private long _unit;
    private bool _valid;

    /// <summary>Asks ahead for what was encoded; then <see cref="FetchLengths"/> for how long each event is.</summary>
    public void Prefetch()
    {
        CpuPrefetch.Of(_lengths);
        _events.Prefetch();
    }

    public void FetchLengths() => CpuPrefetch.OfSpan<ushort>(CollectionsMarshal.AsSpan(_lengths));

    /// <summary>The sequence changed in another way than at its ends.</summary>
    public void Forget() => _valid = false;

    /// <summary>
    /// One event was added at the sequence's end, and <paramref name="dropped"/> were pushed out at its start.
    /// </summary>
    public void Appended(UserSequence sequence, int dropped)
    {
        // Whether all times are whole seconds can change with the event that came and with those that went.
        if (!_valid || dropped >= _lengths.Count || StateCodec.Unit(sequence) != _unit)
        {
            _valid = false;
            return;
        }
        if (dropped > 0)
        {
            var bytes = 0;
            foreach (var length in CollectionsMarshal.AsSpan(_lengths)[..dropped])
            {
                bytes += length;
            }
            _events.Drop(bytes);
            _lengths.RemoveRange(0, dropped);
        }
        Add(sequence[sequence.Count - 1], sequence[sequence.Count - 2]);
    }

    /// <summary>Writes the state after what <paramref name="writer"/> holds.</summary>
    public void Write(UserSequence sequence, ref VarintWriter writer)
    {
        if (!_valid)
        {
            Encode(sequence);
        }
        var previous = StateCodec.Head(ref writer, sequence, _unit);
        if (sequence.Count > 0)
        {
            StateCodec.Write(ref writer, sequence[0], previous, _unit);
            writer.Bytes(_events.Written[_lengths[0]..]);
        }
    }

    private void Encode(UserSequence sequence)
    {
        _events.Clear();
        _lengths.Clear();
        _unit = StateCodec.Unit(sequence);
        for (var i = 0; i < sequence.Count; i++)
        {
            // What the first one is encoded against does not matter here.
            Add(sequence[i], sequence[Math.Max(0, i - 1)]);
        }
        _valid = true;
    }

    private void Add(in KeptView kept, in KeptView previous)
    {
        var before = _events.Length;
        StateCodec.Write(ref _events, kept, previous, _unit);
        _lengths.Add((ushort)(_events.Length - before));
    }
}
