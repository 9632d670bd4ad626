using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Sequences;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>event → sequence: applies a batch's events to its users.</summary>
internal static class Sequencer
{
    public static void Apply(ServingBatch batch, ModelItems items, Recommender serving)
    {
        for (var i = 0; i < batch.Arrivals.Count; i++)
        {
            var arrival = batch.Arrivals[i];
            var (record, item) = (batch.Records[arrival.Record], batch.Items[i]);
            var outcome = batch.Users[arrival.Slot].Apply(arrival.Click, item, record, serving.Options.Sequence, items);
            serving.Counters.Count(outcome, item > 0);
            if (outcome == ApplyOutcome.IdConflict)
            {
                batch.Letters.Add(
                    new DeadLetter(
                        record,
                        EventReason.IdConflict.Code(),
                        "The event's id stands in the user's sequence at another time."
                    )
                );
            }
        }
        // Before the search, which leaves little of the sequences in the processor's cache.
        for (var slot = 0; slot < batch.UserCount; slot++)
        {
            batch.Note(slot);
        }
    }
}
