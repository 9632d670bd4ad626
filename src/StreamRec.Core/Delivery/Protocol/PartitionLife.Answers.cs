namespace StreamRec.Delivery.Protocol;

/// <summary>What comes back: answers of the store, the broker and the processor.</summary>
public sealed partial class PartitionLife
{
    private bool Awaited(in PartitionState s, in PartitionInput input) =>
        (input.Ticket == s.Ticket || !_rules.TicketsMatter)
        && s.Phase
            == input.Kind switch
            {
                PartitionInputKind.ClaimGranted or PartitionInputKind.ClaimRefused or PartitionInputKind.ClaimFailed =>
                    PartitionPhase.Claiming,
                PartitionInputKind.GapChecked => PartitionPhase.CheckingGap,
                PartitionInputKind.StatesAnswered or PartitionInputKind.StatesFailed => PartitionPhase.Reading,
                PartitionInputKind.Computed or PartitionInputKind.ComputeFailed => PartitionPhase.Computing,
                PartitionInputKind.DirtyLoaded => PartitionPhase.LoadingDirty,
                PartitionInputKind.Published => PartitionPhase.Publishing,
                PartitionInputKind.Cleared or PartitionInputKind.ClearFenced => PartitionPhase.Clearing,
                // One of the three: a late one has another ticket.
                PartitionInputKind.PublicationFailed => s.Phase
                    is PartitionPhase.LoadingDirty
                        or PartitionPhase.Publishing
                    ? s.Phase
                    : PartitionPhase.Clearing,
                _ => PartitionPhase.Writing,
            };

    private PartitionState Answer(PartitionState s, in PartitionInput input, ICollection<PartitionDecision> decisions)
    {
        switch (input.Kind)
        {
            case PartitionInputKind.ClaimGranted:
                var next = new LogPosition(input.Offset, input.Epoch);
                return Seek(
                    s with
                    {
                        Claim = input.Claim,
                        Next = next,
                        Position = next,
                        Known = true,
                        DirtyOwed = _policy.ListsElsewhere && _rules.PublishAtClaim,
                    },
                    decisions
                );
            case PartitionInputKind.ClaimRefused:
                return Halt(s, input.Reason, decisions);
            case PartitionInputKind.ClaimFailed:
                return Claim(s, drop: true, delayed: true, decisions);
            case PartitionInputKind.GapChecked:
                return JudgeGap(s, input.Verdict, input.Offset, decisions);
            case PartitionInputKind.StatesAnswered:
                // Else a zombie reads a state that already holds its batch, and applies it again after a rollback.
                return input.Offset == s.Next.Offset || !_rules.StatesNeedTheirPosition
                    ? Compute(s, decisions)
                    : Claim(s, _rules.DropCacheOnConflict, delayed: false, decisions);
            case PartitionInputKind.StatesFailed:
                return s.Attempts < _policy.Retries
                    ? ReadStates(s with { Attempts = s.Attempts + 1 }, delayed: true, decisions)
                    : Claim(s, _rules.DropCacheOnGivingUp, delayed: true, decisions);
            case PartitionInputKind.Computed:
                return Write(s, decisions);
            case PartitionInputKind.ComputeFailed:
                return Halt(s, HaltReason.ProcessorFailed, decisions);
            case PartitionInputKind.DirtyLoaded
            or PartitionInputKind.Published
            or PartitionInputKind.Cleared
            or PartitionInputKind.ClearFenced
            or PartitionInputKind.PublicationFailed:
                return ListsAnswered(s, input, decisions);
            default:
                return StepAnswered(s, input, decisions);
        }
    }

    private PartitionState StepAnswered(
        PartitionState s,
        in PartitionInput input,
        ICollection<PartitionDecision> decisions
    )
    {
        switch (input.Kind)
        {
            case PartitionInputKind.StepApplied:
                return Applied(s, decisions);
            case PartitionInputKind.StepConflict
                when s.Attempts > 0 && (input.Offset == s.Position.Offset || !_rules.ConflictNeedsTo):
                // The script looks at the claim first, so it is still mine, and only this step leads to this n.
                return Applied(s, decisions);
            case PartitionInputKind.StepConflict:
                return Claim(s, _rules.DropCacheOnConflict, delayed: false, decisions);
            case PartitionInputKind.StepFenced:
                return Claim(s, _rules.DropCacheWhenFenced, delayed: true, decisions);
            default:
                return Unanswered(s, decisions);
        }
    }

    private PartitionState Unanswered(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        if (!_rules.AmbiguousIsRetried)
        {
            return Applied(s, decisions);
        }

        if (s.Attempts >= _policy.Retries)
        {
            return Claim(s, _rules.DropCacheOnGivingUp, delayed: true, decisions);
        }

        var ticket = s.Ticket + 1;
        decisions.Add(
            new(PartitionDecisionKind.RetryStep)
            {
                Ticket = ticket,
                From = s.Next,
                To = s.Position,
                Delayed = true,
            }
        );
        return s with { Ticket = ticket, Attempts = s.Attempts + 1 };
    }

    private PartitionState Applied(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        decisions.Add(new(PartitionDecisionKind.StoreOffset) { From = s.Next, To = s.Position });
        var batch = s.Position.Offset > s.Next.Offset;
        s = s with { Next = s.Position };
        return batch && _policy.ListsElsewhere ? Publish(s, decisions)
            : s.Leaving ? Release(s, decisions)
            : Ready(s, decisions);
    }

    private static PartitionState ReadStates(PartitionState s, bool delayed, ICollection<PartitionDecision> decisions)
    {
        var ticket = s.Ticket + 1;
        decisions.Add(
            new(PartitionDecisionKind.ReadStates)
            {
                Ticket = ticket,
                From = s.Next,
                To = s.Position,
                Delayed = delayed,
            }
        );
        return s with { Phase = PartitionPhase.Reading, Ticket = ticket };
    }

    private static PartitionState Compute(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        var ticket = s.Ticket + 1;
        decisions.Add(
            new(PartitionDecisionKind.Compute)
            {
                Ticket = ticket,
                From = s.Next,
                To = s.Position,
            }
        );
        return s with { Phase = PartitionPhase.Computing, Ticket = ticket, Attempts = 0 };
    }
}
