using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Tests.Fuzzing;

/// <summary>Users' states, as Redis holds them.</summary>
internal sealed class StateTarget : FuzzTarget
{
    public override string Name => "state";

    public override FuzzCorpus Corpus { get; } = new([.. States()], []);

    // One byte can stand for two ids of 128 characters that step from those before; they are built in parts.
    public override long FixedBytes => 8_192;

    public override long BytesPerByte => 512;

    // As a worker decodes: into memory that held another user, or what another input left before it was refused.
    private readonly UserSequence _used = new();

    public override object? Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            StateCodec.Decode(input.Span, _used);
        }
        catch (InvalidDataException fault)
        {
            Assert.NotEmpty(fault.Message);
            Assert.Throws<InvalidDataException>(() => StateCodec.Decode(input.Span));
            return null;
        }
        var sequence = StateCodec.Decode(input.Span);
        Assert.True(Same(sequence, _used));
        return sequence;
    }

    public override bool Same(object first, object second) =>
        StateCodec.Encode((UserSequence)first).AsSpan().SequenceEqual(StateCodec.Encode((UserSequence)second));

    public override void Check(object parsed)
    {
        var sequence = (UserSequence)parsed;
        var bytes = StateCodec.Encode(sequence);
        var back = StateCodec.Decode(bytes);
        Assert.True(sequence.Events.SequenceEqual(back.Events));
        Assert.Equal(
            (sequence.Floor, sequence.Accepted, sequence.LastOffset, sequence.LastEpoch, sequence.LastRecordMs),
            (back.Floor, back.Accepted, back.LastOffset, back.LastEpoch, back.LastRecordMs)
        );
        Assert.True(bytes.AsSpan().SequenceEqual(StateCodec.Encode(back)));
        Assert.InRange(sequence.Events.Count, 0, StateCodec.MaxEvents);
        foreach (var kept in sequence.Events)
        {
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(kept.ItemId), 0, EventLimits.MaxIdBytes);
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(kept.Key.EventId), 0, EventLimits.MaxIdBytes);
        }
    }

    private static IEnumerable<byte[]> States()
    {
        Func<int, string>[] ids =
        [
            i => $"{i * 977:D12}",
            i => $"e{i}",
            i => new Guid(i * 7919, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString(),
            i => $"{i * 40503L:x16}",
            i => $"é😀-{i}",
            i => i.ToString(System.Globalization.CultureInfo.InvariantCulture),
            i => new string('x', 120) + $"{i:D8}",
            i => $"{i * 40503L:X10}",
        ];
        foreach (var id in ids)
        {
            foreach (
                var (count, step, kept) in ((int, long, int)[])[(0, 1, 9), (1, 1, 9), (7, 1_000, 5), (30, 61_001, 50)]
            )
            {
                yield return State(id, count, step, kept);
            }
        }
    }

    private static byte[] State(Func<int, string> id, int count, long stepMs, int kept)
    {
        var sequence = new UserSequence();
        string[] types = ["click", "view", "héllo"];
        for (var i = 0; i < count; i++)
        {
            var click = new ClickEvent(id(i), "u", id(i % 5), types[i / 4 % 3], 1_700_000_000_000 + i * stepMs);
            sequence.Apply(EventText.Of(click), 1_000 + i, 3, click.TimeMs + 5, new SequenceOptions { Kept = kept });
        }
        return StateCodec.Encode(sequence);
    }
}
