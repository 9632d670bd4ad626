using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>The list on a shard of its own: its script, its replica, and the dirty entry beside the state.</summary>
internal sealed partial class ExhaustiveModel
{
    /// <summary>The list is written, and the replica does not get it in time.</summary>
    public void PublishUnsafely(ref SmallWorld world, int w)
    {
        ref var worker = ref Worker(ref world, w);
        worker.Call = Call.None;
        Write(ref world, worker.Publishing, SmallWorld.Id(worker.State.Claim), worker.Lease);
        worker.Clearing = rules.ClearOnlySafe ? 0 : worker.Clearing;
        Feed(ref world, w, PartitionInput.Published(worker.State.Ticket, more: true));
    }

    private PartitionInput OnLists(ref SmallWorld world, ref SmallWorker worker, Call call, int ticket)
    {
        switch (call)
        {
            case Call.LoadDirty:
                (worker.Publishing, worker.Clearing) = (world.Store.First.Version, world.Store.Dirty);
                return PartitionInput.DirtyLoaded(ticket, world.Store.Place, world.Store.Dirty > 0);
            case Call.Publish:
                if (
                    Write(ref world, worker.Publishing, SmallWorld.Id(worker.State.Claim), worker.Lease)
                    && storeRules.WaitForReplicas
                )
                {
                    world.Replica = world.List;
                }
                return PartitionInput.Published(ticket, more: false);
            default:
                return Clear(ref world, SmallWorld.Id(worker.State.Claim), worker.Clearing, worker.Lease) switch
                {
                    ClearAnswer.Cleared => PartitionInput.Cleared(ticket),
                    ClearAnswer.Outdated => PartitionInput.ClearOutdated(ticket),
                    _ => PartitionInput.ClearFenced(ticket),
                };
        }
    }

    private PartitionInput Arrive(ref SmallWorld world, in LateCall late)
    {
        switch (late.Call)
        {
            case Call.Publish:
                Write(ref world, late.From, late.Claim, late.Lease);
                break;
            case Call.Clear:
                Clear(ref world, late.Claim, late.To, late.Lease);
                break;
        }
        return PartitionInput.Cleared(-1);
    }

    // The script. Returns whether a wait behind it, on its connection, covers what is there now.
    private bool Write(ref SmallWorld world, int version, int claim, int promotion)
    {
        var there = world.List;
        if (version == 0 || there.IsNewerThan(new(version, claim, promotion), storeRules))
        {
            return version > 0 && storeRules.RefusalRewrites;
        }
        if ((version, promotion, claim).CompareTo((there.Version, there.Promotion, there.Claim)) < 0)
        {
            throw new OracleException("S", $"the list at {there} was overwritten by an older one, {version}");
        }
        // The same once more is no news.
        if ((there.Version, there.Claim, there.Promotion) != (version, claim, promotion))
        {
            world.List = new(version, claim, promotion) { Belated = promotion < world.Store.Sealed };
        }
        return true;
    }

    private ClearAnswer Clear(ref SmallWorld world, int claim, int version, int promotion)
    {
        if (world.Store.Claim != claim)
        {
            return ClearAnswer.Fenced;
        }
        // A call without users is not made.
        if (version > 0 && promotion < world.Store.Promotion && storeRules.ClearCheckOfPromotion)
        {
            return ClearAnswer.Outdated;
        }
        if (version > 0 && (world.Store.Dirty == version || !storeRules.DirtyHasVersion))
        {
            world.Store.Dirty = 0;
        }
        return ClearAnswer.Cleared;
    }
}
