namespace StreamRec.Delivery.Protocol;

/// <summary>
/// Lists that live on other shards than the states: published after the step that changed them, and again while they
/// are dirty. A list is dirty from the step on until enough replicas of its shard have it.
/// </summary>
public sealed partial class PartitionLife
{
    private static Transition LoadDirty(Transition t) =>
        Begin(t.To(t.State with { Republishing = true }), PartitionPhase.LoadingDirty, PartitionDecisionKind.LoadDirty);

    private static Transition DirtyLoaded(Transition t, in PartitionInput input) =>
        // The store is not where it was: as with states that are read for a batch.
        !IsAt(t, input) ? Claim(t)
        : input.More ? Publish(t)
        : GoOn(t.To(t.State with { DirtyOwed = false }));

    private static Transition Publish(Transition t) =>
        Begin(t, PartitionPhase.Publishing, PartitionDecisionKind.PublishLists);

    // What is not safe yet is left for the next idle check, not tried in a circle.
    private static Transition Clear(Transition t, bool more) =>
        Begin(
            t.To(t.State with { DirtyOwed = t.State.DirtyOwed && !more }),
            PartitionPhase.Clearing,
            PartitionDecisionKind.ClearDirty
        );

    // Dirty users and batches take turns, so that neither waits for all of the other.
    private static Transition GoOn(Transition t) =>
        t.State.Leaving ? Release(t)
        : t.State.Republishing && !t.State.CheckOwed
            ? t.To(t.State with { Phase = PartitionPhase.Ready, Republishing = false })
        : Ready(t.To(t.State with { Republishing = false }));

    private static Transition Begin(Transition t, PartitionPhase phase, PartitionDecisionKind kind) =>
        t.To(t.State with { Attempts = 0 }).Begin(phase, new(kind) { From = t.State.Next, To = t.State.Next });
}
