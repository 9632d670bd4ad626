using StreamRec.Events;
using StreamRec.Pipeline;
using StreamRec.Sequences;

namespace StreamRec.Recommendations;

/// <summary>A batch on its way: event → sequence → encode → rank → list.</summary>
internal sealed class RecommendationBatch(Recommender recommender, PartitionIdentity partition) : PartitionBatch
{
    private readonly List<Arrival> _arrivals = [];
    private readonly List<DeadLetter> _letters = [];

    public override ValueTask<BatchResult> ProcessAsync(Claim claim, int generation, CancellationToken cancel)
    {
        foreach (var arrival in _arrivals)
        {
            Apply(arrival);
        }
        var users = new RecommendedUser[UserCount];
        for (var slot = 0; slot < users.Length; slot++)
        {
            users[slot] = (RecommendedUser)StateOf(slot);
        }
        var lists = recommender.Lists(users, partition, generation, claim);
        var writes = new UserWrite[users.Length];
        for (var slot = 0; slot < writes.Length; slot++)
        {
            var sequence = users[slot].Sequence;
            writes[slot] = new UserWrite(
                users[slot].UserId, StateCodec.Encode(sequence), lists[slot], new(sequence.LastEpoch, sequence.LastOffset));
        }
        return ValueTask.FromResult(new BatchResult(writes, [.. _letters]));
    }

    protected override void Read()
    {
        for (var i = 0; i < Records.Count; i++)
        {
            if (recommender.Reader.TryRead(partition, Records[i], out var click, out var refused))
            {
                _arrivals.Add(new Arrival(i, Slot(click.UserId), click));
            }
            else if (refused is { } letter)
            {
                _letters.Add(letter);
            }
        }
    }

    protected override UserState Wrap(string userId, byte[]? stored) => new RecommendedUser(userId, stored);

    protected override void Reset()
    {
        _arrivals.Clear();
        _letters.Clear();
    }

    private void Apply(in Arrival arrival)
    {
        var record = Records[arrival.Record];
        var outcome = ((RecommendedUser)StateOf(arrival.Slot)).Sequence.Apply(
            arrival.Click, record.Offset, record.Epoch, record.TimestampMs, recommender.Options.Sequence);
        if (outcome == ApplyOutcome.IdConflict)
        {
            _letters.Add(new DeadLetter(record, EventReason.IdConflict.Code(), "The event's id stands in the user's sequence at another time."));
        }
    }

    /// <param name="Record">Its place in the batch.</param>
    /// <param name="Slot">Its user's place in the batch.</param>
    private readonly record struct Arrival(int Record, int Slot, ClickEvent Click);
}
