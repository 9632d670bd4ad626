using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Rules;

/// <summary>
/// The product's state machine without some of its rules: what it is told, and what it decides, is changed so that it
/// does what one without them would.
/// </summary>
internal sealed class MutatedLife(PartitionPolicy policy, PartitionRules rules)
{
    private readonly PartitionLife _life = new(policy);
    private readonly PartitionLife _listsWithStates = new(policy with { ListsElsewhere = false });

    public PartitionState Handle(
        in PartitionState state,
        in PartitionInput input,
        ICollection<PartitionDecision> decisions
    )
    {
        if (rules == PartitionRules.All)
        {
            return _life.Handle(state, input, decisions);
        }
        if (
            (!rules.TakeModel && input.Kind == PartitionInputKind.ModelReady)
            || (
                !rules.AskAgainForModel
                && state.Phase == PartitionPhase.AwaitingModel
                && input.Kind is PartitionInputKind.IdleTick or PartitionInputKind.Reconnected
            )
        )
        {
            return state;
        }
        var life = OwesNoLists(input.Kind) ? _listsWithStates : _life;
        var next = life.Handle(state, Changed(input, state), decisions);
        if (!rules.IdleCheck && input.Kind is PartitionInputKind.IdleTick or PartitionInputKind.Reconnected)
        {
            decisions.Clear();
            return state with { DirtyOwed = next.DirtyOwed };
        }
        if (KeepsCache(input.Kind, decisions))
        {
            decisions.Remove(new PartitionDecision(PartitionDecisionKind.DropCache));
        }
        return next;
    }

    private bool OwesNoLists(PartitionInputKind kind) =>
        kind switch
        {
            PartitionInputKind.ClaimGranted => !rules.PublishAtClaim,
            PartitionInputKind.IdleTick or PartitionInputKind.Reconnected => !rules.PublishWhenIdle,
            _ => false,
        };

    private PartitionInput Changed(PartitionInput input, in PartitionState state)
    {
        input = rules.TicketsMatter ? input : input with { Ticket = state.Ticket };
        return input.Kind switch
        {
            PartitionInputKind.GapChecked when !rules.CheckGaps => input with { Verdict = GapVerdict.Hole },
            PartitionInputKind.StatesAnswered when !rules.StatesNeedTheirPosition => input with
            {
                Offset = state.Next.Offset,
                Seq = state.Seq,
            },
            PartitionInputKind.StatesAnswered when !rules.StatesNeedTheirSeq => input with { Seq = state.Seq },
            PartitionInputKind.StepConflict when !rules.ConflictNeedsTo && state.Attempts > 0 => input with
            {
                Offset = state.Position.Offset,
                Seq = state.Seq + 1,
            },
            PartitionInputKind.StepConflict when !rules.ConflictNeedsSeq => input with { Seq = state.Seq + 1 },
            PartitionInputKind.StepFailed when !rules.AmbiguousIsRetried => PartitionInput.StepApplied(
                input.Ticket,
                state.Seq + 1
            ),
            PartitionInputKind.PublicationFailed
                when !rules.ClearOnlySafe && state.Phase == PartitionPhase.Publishing => PartitionInput.Published(
                input.Ticket,
                more: false
            ),
            _ => input,
        };
    }

    private bool KeepsCache(PartitionInputKind kind, ICollection<PartitionDecision> decisions)
    {
        bool Decides(PartitionDecisionKind what) => decisions.Any(d => d.Kind == what);
        if (Decides(PartitionDecisionKind.Halt))
        {
            return false;
        }
        if (kind == PartitionInputKind.Assigned || Decides(PartitionDecisionKind.Release))
        {
            return !rules.DropCacheOnAssignment;
        }
        return Decides(PartitionDecisionKind.StartClaim)
            && kind switch
            {
                PartitionInputKind.StepFenced or PartitionInputKind.ClearFenced => !rules.DropCacheWhenFenced,
                PartitionInputKind.StepConflict
                or PartitionInputKind.StatesAnswered
                or PartitionInputKind.DirtyLoaded => !rules.DropCacheOnConflict,
                PartitionInputKind.StepFailed or PartitionInputKind.StatesFailed => !rules.DropCacheOnGivingUp,
                PartitionInputKind.StepOutdated or PartitionInputKind.ClaimOutdated or PartitionInputKind.ModelReady =>
                    !rules.DropCacheWhenOutdated,
                _ => false,
            };
    }
}
