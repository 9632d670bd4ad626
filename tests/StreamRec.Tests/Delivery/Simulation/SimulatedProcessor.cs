using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// The product's sequences; before each state stand the offsets that were applied to it, in order, so that the removal
/// of duplicates cannot hide a double, a loss or a swap. A user's list is the state itself, behind
/// it the promotion of the model that the batch took when it was computed.
/// </summary>
/// <param name="live">The promotion of the model that is live now.</param>
/// <param name="kept">Events kept; <see cref="Kept"/>, unless the worker has other settings.</param>
internal sealed class SimulatedProcessor(bool keepFloor, Func<long> live, int kept = SimulatedProcessor.Kept)
    : IBatchProcessor
{
    public const int Kept = 3;

    private readonly SequenceOptions _options = new()
    {
        Kept = kept,
        IdleExpiry = TimeSpan.FromMilliseconds(SimulatedProducers.IdleExpiryMs),
        KeepFloor = keepFloor,
    };

    /// <summary>The list of a state, by the model of a promotion.</summary>
    public static byte[] List(byte[] state, long promotion) => [.. state, .. BitConverter.GetBytes(promotion)];

    public PartitionBatch Open(PartitionIdentity partition) => new Batch(_options, live);

    /// <summary>Changed in place, as the product's states are.</summary>
    private sealed class User(string userId, SimulatedState state) : UserState(userId)
    {
        public SimulatedState State { get; private set; } = state;

        public User Become(string userId, SimulatedState state)
        {
            Rename(userId);
            State = state;
            return this;
        }
    }

    private sealed class Batch(SequenceOptions options, Func<long> live) : PartitionBatch
    {
        private readonly List<(LogRecord Record, SimulatedEvent Event, int Slot)> _events = [];
        private readonly List<DeadLetter> _letters = [];

        public override BatchResult Compute(Claim claim, int generation)
        {
            var lease = live();
            foreach (var (record, sent, slot) in _events)
            {
                var user = (User)StateOf(slot);
                user.State.Offsets.Add(record.Offset);
                var click = new ClickEvent(sent.Id, user.UserId, "item", "click", sent.TimeMs, null);
                var outcome = user.State.Sequence.Apply(
                    EventText.Of(click),
                    record.Offset,
                    record.Epoch,
                    record.TimestampMs,
                    options
                );
                if (outcome == ApplyOutcome.IdConflict)
                {
                    _letters.Add(new(record, "id-conflict", ""));
                }
            }
            return new(
                [.. Enumerable.Range(0, UserCount).Select(slot => Write((User)StateOf(slot), lease))],
                [.. _letters]
            );
        }

        protected override void Read()
        {
            foreach (var record in Records)
            {
                var sent = SimulatedEvent.Of(record);
                if (sent.Poison)
                {
                    _letters.Add(new(record, "poison", ""));
                }
                else
                {
                    _events.Add((record, sent, Slot(System.Text.Encoding.UTF8.GetBytes(SimulatedEvent.User(record)))));
                }
            }
        }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare)
        {
            var state = stored is null ? new([], new()) : SimulatedState.Read(stored);
            return spare is User user ? user.Become(userId, state) : new User(userId, state);
        }

        protected override void Reset()
        {
            _events.Clear();
            _letters.Clear();
        }

        private static UserWrite Write(User user, long lease)
        {
            var bytes = user.State.Write();
            return new(
                user.UserId,
                bytes,
                List(bytes, lease),
                new(user.State.Sequence.LastEpoch, user.State.Sequence.LastOffset)
            )
            {
                Promotion = lease,
            };
        }
    }
}
