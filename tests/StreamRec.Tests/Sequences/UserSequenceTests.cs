using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Tests.Sequences;

public class UserSequenceTests
{
    private static readonly SequenceOptions s_three = new() { Kept = 3 };

    [Fact]
    public void Keeps_the_largest_by_time_and_id()
    {
        var sequence = Fold([Click("c", 2), Click("a", 1), Click("b", 2), Click("d", 3)]);

        Assert.Equal(["b", "c", "d"], sequence.Events.Select(e => e.Key.EventId));
        Assert.Equal(new EventKey(1, "a"), sequence.Floor);
        Assert.Equal(4, sequence.Accepted);
    }

    [Fact]
    public void A_duplicate_changes_nothing_but_the_offset()
    {
        var sequence = Fold([Click("a", 1)]);

        var outcome = sequence.Apply(EventText.Of(Click("a", 1)), 9, 4, 100, s_three);

        Assert.Equal(ApplyOutcome.Duplicate, outcome);
        Assert.Equal((1, 9L, 4), (sequence.Accepted, sequence.LastOffset, sequence.LastEpoch));
    }

    [Fact]
    public void What_was_pushed_out_cannot_return_not_even_when_more_is_kept()
    {
        var sequence = Fold([Click("a", 1), Click("b", 2), Click("c", 3), Click("d", 4)]);

        var outcome = sequence.Apply(EventText.Of(Click("a", 1)), 5, 0, 100, new SequenceOptions { Kept = 100 });

        Assert.Equal(ApplyOutcome.Late, outcome);
        Assert.Equal(["b", "c", "d"], sequence.Events.Select(e => e.Key.EventId));
    }

    [Fact]
    public void The_same_id_at_another_time_is_the_producers_error()
    {
        var sequence = Fold([Click("a", 1)]);

        Assert.Equal(ApplyOutcome.IdConflict, sequence.Apply(EventText.Of(Click("a", 2)), 1, 0, 100, s_three));
        Assert.Single(sequence.Events);
    }

    [Fact]
    public void A_user_idle_for_too_long_starts_anew()
    {
        var sequence = Fold([Click("a", 1)]);
        var later = 100 + (long)s_three.IdleExpiry.TotalMilliseconds;

        sequence.Apply(EventText.Of(Click("b", 2)), 1, 0, later, s_three);
        Assert.Equal(2, sequence.Accepted);
        sequence.Apply(EventText.Of(Click("c", 3)), 2, 0, later + later, s_three);

        Assert.Equal(["c"], sequence.Events.Select(e => e.Key.EventId));
        Assert.Equal(1, sequence.Accepted);
    }

    /// <summary>A producer whose clock is behind does not make its user look idle.</summary>
    [Fact]
    public void The_largest_time_of_a_record_tells_how_long_a_user_is_idle()
    {
        var idle = (long)s_three.IdleExpiry.TotalMilliseconds;
        var sequence = new UserSequence();
        foreach (var (recordMs, number) in ((long[])[idle, 0, idle + 1]).Select((ms, i) => (ms, i)))
        {
            sequence.Apply(EventText.Of(Click($"e{number}", number + 1)), number, 0, recordMs, s_three);
        }
        Assert.Equal(3, sequence.Accepted);
        Assert.Equal(idle + 1, sequence.LastRecordMs);
    }

    [Fact]
    public void Inside_the_window_the_order_of_arrival_does_not_matter()
    {
        var random = new Random(5);
        for (var round = 0; round < 500; round++)
        {
            var clicks = Enumerable
                .Range(0, random.Next(1, 12))
                .Select(i => Click($"e{i}", random.Next(1, 5)))
                .ToArray();
            var shuffled = clicks.Concat(clicks.Take(3)).OrderBy(_ => random.Next()).ToArray();
            var options = new SequenceOptions { Kept = 12 };

            var first = Fold(clicks, options);
            var second = Fold(shuffled, options);

            Assert.Equal(first.Events, second.Events);
            Assert.Equal((first.Accepted, first.Floor), (second.Accepted, second.Floor));
        }
    }

    /// <summary>
    /// Long logs of long ids that end alike, early and late, twice and with other times: as a list of texts would keep
    /// them.
    /// </summary>
    [Fact]
    public void What_is_kept_is_what_a_plain_fold_keeps()
    {
        var random = new Random(13);
        string[] types = ["view", "click", "héllo", "wish list"];
        var outcomes = new HashSet<ApplyOutcome>();
        foreach (
            var options in (SequenceOptions[])
                [new() { Kept = 1 }, new() { Kept = 7 }, new() { Kept = 7, KeepFloor = false }, new() { Kept = 40 }]
        )
        {
            var (sequence, expected, floor) = (new UserSequence(), new List<KeptEvent>(), (EventKey?)null);
            for (var i = 0; i < 2_000; i++)
            {
                var id = (i / 15 + random.Next(12)) + new string((char)('a' + random.Next(2)), 40 * random.Next(3));
                var click = Click(id, 1_000 + i / 3 - random.Next(4) * random.Next(4)) with
                {
                    ItemId = new string((char)('α' + random.Next(24)), random.Next(1, 60)),
                    Type = types[random.Next(types.Length)],
                };

                var outcome = sequence.Apply(EventText.Of(click), i, 0, 100, options);

                outcomes.Add(outcome);
                Assert.Equal(Fold(expected, ref floor, click, options), outcome);
                Assert.Equal(expected, sequence.Events);
                Assert.Equal(floor, sequence.Floor);
            }
        }
        Assert.Equal(4, outcomes.Count);
    }

    [Fact]
    public void A_state_read_back_is_the_same()
    {
        var random = new Random(7);
        string[] types = ["view", "click", "héllo", "cart"];
        for (var round = 0; round < 500; round++)
        {
            var sequence = Fold(
                Enumerable
                    .Range(0, random.Next(0, 30))
                    .Select(i =>
                        Click($"é{random.Next(100):D3}-{i}", random.Next(1, 1000)) with
                        {
                            Type = types[random.Next(4)],
                        }
                    ),
                s_three
            );

            var bytes = StateCodec.Encode(sequence);
            var back = StateCodec.Decode(bytes);

            Assert.Equal(sequence.Events, back.Events);
            Assert.Equal(
                (sequence.Floor, sequence.Accepted, sequence.LastOffset, sequence.LastEpoch, sequence.LastRecordMs),
                (back.Floor, back.Accepted, back.LastOffset, back.LastEpoch, back.LastRecordMs)
            );
            Assert.Equal(bytes, StateCodec.Encode(back));
        }
    }

    [Fact]
    public void Damaged_states_are_refused_without_a_crash()
    {
        var random = new Random(11);
        var good = StateCodec.Encode(
            Fold(Enumerable.Range(0, 20).Select(i => Click($"e{i:D3}", 1000 + i)), new SequenceOptions())
        );
        var refused = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var bytes = good[..random.Next(1, good.Length + 1)];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                StateCodec.Decode(bytes);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100_000, 200_000);
    }

    [Fact]
    public void A_window_of_199_events_fits_four_kibibytes()
    {
        var clicks = Enumerable
            .Range(0, 199)
            .Select(i => Click($"{i * 977:D12}", 1_700_000_000_000 + i * 60_000L) with { ItemId = $"{i:D5}" });

        Assert.InRange(StateCodec.Encode(Fold(clicks, new SequenceOptions())).Length, 1, 4096);
    }

    private static ApplyOutcome Fold(
        List<KeptEvent> events,
        ref EventKey? floor,
        in ClickEvent click,
        SequenceOptions options
    )
    {
        var kept = new KeptEvent(new EventKey(click.TimeMs, click.EventId), click.ItemId, click.Type);
        if (floor is { } pushed && Compare(kept.Key, pushed) <= 0)
        {
            return ApplyOutcome.Late;
        }
        if (events.FindIndex(other => other.Key.EventId == kept.Key.EventId) is var same and >= 0)
        {
            return events[same].Key.TimeMs == click.TimeMs ? ApplyOutcome.Duplicate : ApplyOutcome.IdConflict;
        }
        events.Add(kept);
        events.Sort((left, right) => Compare(left.Key, right.Key));
        if (events.Count > options.Kept)
        {
            floor = options.KeepFloor ? events[0].Key : null;
            events.RemoveAt(0);
        }
        return ApplyOutcome.Accepted;
    }

    private static int Compare(EventKey left, EventKey right) =>
        left.TimeMs != right.TimeMs
            ? left.TimeMs.CompareTo(right.TimeMs)
            : string.CompareOrdinal(left.EventId, right.EventId);

    private static ClickEvent Click(string id, long time) => new(id, "u", "i" + id, "click", time);

    private static UserSequence Fold(IEnumerable<ClickEvent> clicks, SequenceOptions? options = null)
    {
        var sequence = new UserSequence();
        var offset = 0;
        foreach (var click in clicks)
        {
            sequence.Apply(EventText.Of(click), offset++, 0, 100, options ?? s_three);
        }
        return sequence;
    }
}
