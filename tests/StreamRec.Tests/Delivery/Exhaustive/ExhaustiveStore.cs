using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>The scripts of the store: claim, step and seal. What must hold of each call is asserted here.</summary>
/// <param name="counted">As of <see cref="ExhaustiveModel"/>.</param>
internal sealed class ExhaustiveStore(StoreRules rules, bool listsElsewhere, bool counted)
{
    public PartitionInput Claim(ref SmallWorld world, int ticket, int promotion)
    {
        ref var store = ref world.Store;
        if (promotion < store.Promotion && rules.ClaimCheckOfPromotion)
        {
            return PartitionInput.ClaimOutdated(ticket, store.Promotion);
        }
        if (promotion < store.Sealed)
        {
            throw new OracleException("L", $"a model of {promotion} took a partition sealed for {store.Sealed}");
        }
        (store.Claim, store.Promotion) = (world.FreshClaim(), Math.Max(store.Promotion, promotion));
        return PartitionInput.ClaimGranted(ticket, new(store.Claim, default), new(store.N, -1), store.Seq);
    }

    public PartitionInput Step(ref SmallWorld world, in LateCall step, int ticket)
    {
        ref var store = ref world.Store;
        var writes = step.Write0 is not null || step.Write1 is not null;
        if (store.Claim != step.Claim && rules.ClaimCheck)
        {
            return PartitionInput.StepFenced(ticket);
        }
        if (
            (store.N != step.From && rules.FromCheck)
            || (store.Seq != step.Seq && rules is { SeqCheck: true, FromCheck: true })
        )
        {
            return PartitionInput.StepConflict(ticket, counted ? store.Place : new(store.N, step.Seq + 1));
        }
        if (writes && step.Named < store.Promotion && rules.SealCheck)
        {
            return PartitionInput.StepOutdated(ticket);
        }
        if (store.Claim != step.Claim || store.N != step.From || step.To < step.From)
        {
            throw new OracleException("J", $"{step.From}→{step.To} was written at {store.N}, or under an old claim");
        }
        if (writes && step.Lease < store.Sealed)
        {
            throw new OracleException(
                "M",
                $"a list of promotion {step.Lease} was written after the seal of {store.Sealed}"
            );
        }
        if (step.From == step.To && step.Write0 is null)
        {
            return PartitionInput.StepApplied(ticket, store.Seq, store.Promotion);
        }
        ExhaustiveBatch.CheckMark(step, store.First);
        store.Seq += counted && rules.SeqRaised ? 1 : 0;
        store.Write(0, step.Write0);
        store.Write(1, step.Write1);
        store.Dirty = listsElsewhere && step.Write0 is { } changed ? changed.Version : store.Dirty;
        store.N = step.To;
        world.Reached = Math.Max(world.Reached, store.N);
        world.Renewed = Math.Max(world.Renewed, store.First.Mark);
        return PartitionInput.StepApplied(ticket, store.Seq);
    }

    public void Seal(ref SmallStore store, int promotion)
    {
        store.Sealed = Math.Max(store.Sealed, promotion);
        if (store.Claim == 0 && !rules.SealsUnclaimed)
        {
            return;
        }
        store.Promotion = rules.SealOnlyRaises ? Math.Max(store.Promotion, promotion) : promotion;
        store.Seq += counted && !rules.SealLeavesSeq ? 1 : 0;
    }
}
