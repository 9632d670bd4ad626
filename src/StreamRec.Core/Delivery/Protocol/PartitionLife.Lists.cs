namespace StreamRec.Delivery.Protocol;

/// <summary>
/// Lists that live on other shards than the states: published after the step that changed them, and again while they
/// are dirty. A list is dirty from the step on until enough replicas of its shard have it.
/// </summary>
public sealed partial class PartitionLife
{
    private static PartitionState LoadDirty(PartitionState s, ICollection<PartitionDecision> decisions) =>
        Begin(s with { Republishing = true }, PartitionPhase.LoadingDirty, PartitionDecisionKind.LoadDirty, decisions);

    private static PartitionState Publish(PartitionState s, ICollection<PartitionDecision> decisions) =>
        Begin(s, PartitionPhase.Publishing, PartitionDecisionKind.PublishLists, decisions);

    private static PartitionState Begin(
        PartitionState s,
        PartitionPhase phase,
        PartitionDecisionKind kind,
        ICollection<PartitionDecision> decisions
    )
    {
        var ticket = s.Ticket + 1;
        decisions.Add(
            new(kind)
            {
                Ticket = ticket,
                From = s.Next,
                To = s.Next,
            }
        );
        return s with { Phase = phase, Ticket = ticket, Attempts = 0 };
    }

    private PartitionState ListsAnswered(
        PartitionState s,
        in PartitionInput input,
        ICollection<PartitionDecision> decisions
    )
    {
        switch (input.Kind)
        {
            case PartitionInputKind.DirtyLoaded when input.Offset != s.Next.Offset:
                // The store is not where it was: as with states that are read for a batch.
                return Claim(s, _rules.DropCacheOnConflict, delayed: false, decisions);
            case PartitionInputKind.DirtyLoaded:
                return input.More ? Publish(s, decisions) : Rest(s with { DirtyOwed = false }, decisions);
            case PartitionInputKind.Published:
                // What is not safe yet is left for the next idle check, not tried in a circle.
                return Begin(
                    s with
                    {
                        DirtyOwed = s.DirtyOwed && !input.More,
                    },
                    PartitionPhase.Clearing,
                    PartitionDecisionKind.ClearDirty,
                    decisions
                );
            case PartitionInputKind.PublicationFailed
                when s.Phase == PartitionPhase.Publishing && !_rules.ClearOnlySafe:
                return Begin(s, PartitionPhase.Clearing, PartitionDecisionKind.ClearDirty, decisions);
            case PartitionInputKind.PublicationFailed:
                return Rest(s with { DirtyOwed = false }, decisions);
            case PartitionInputKind.ClearFenced:
                return Claim(s, _rules.DropCacheWhenFenced, delayed: true, decisions);
            default:
                return Rest(s, decisions);
        }
    }

    // Dirty users and batches take turns, so that neither waits for all of the other.
    private PartitionState Rest(PartitionState s, ICollection<PartitionDecision> decisions) =>
        s.Leaving ? Release(s, decisions)
        : s.Republishing && !s.CheckOwed ? s with { Phase = PartitionPhase.Ready, Republishing = false }
        : Ready(s with { Republishing = false }, decisions);
}
