using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>What can happen next. A move returns false where it cannot.</summary>
internal static class ExhaustiveMoves
{
    public delegate bool Move(ExhaustiveModel model, ref SmallWorld world, int worker);

    /// <summary>Moves of one worker.</summary>
    public static readonly (string Name, Move Try)[] All =
    [
        ("is assigned", Assign),
        ("is answered", (ExhaustiveModel m, ref SmallWorld world, int w) => Call(m, ref world, w, answer: true)),
        ("fetches", Fetch),
        ("cuts its batch", Cut),
        ("checks idly", Idle),
        ("renews a state", Renew),
        ("takes what is promoted", Swap),
        ("tells its promotion to a pointer that fell back", MendPointer),
        ("is carried out, and the answer is lost", LoseAnswer),
        ("is told that the list is not safe", Unsafe),
        ("gives up a call that stays on its way", Delay),
        (
            "is revoked",
            (ExhaustiveModel m, ref SmallWorld world, int w) => Leave(m, ref world, w, PartitionInput.Revoked())
        ),
        (
            "loses the partition",
            (ExhaustiveModel m, ref SmallWorld world, int w) => Leave(m, ref world, w, PartitionInput.Lost())
        ),
        ("runs out of time to flush", Flush),
        ("skips a record of the log", Jump),
        ("is reconnected", Reconnect),
    ];

    /// <summary>Moves of the store and the network.</summary>
    public static readonly (string Name, Move Try)[] OfTheStore =
    [
        ("a late call arrives", Arrive),
        ("the store's replica falls behind from here", Save),
        ("the store rolls back to its replica", Rollback),
        ("the list's shard rolls back to its replica", RollBackList),
        ("a model is promoted", Promote),
        ("the partition is sealed for the first promotion", Seal(1)),
        ("the partition is sealed for the second promotion", Seal(2)),
        ("the pointer falls back by a promotion", RollBackPointer),
    ];

    private static bool Assign(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        // The workers are alike, so A is first.
        if (
            world.Left.Assignments == 0
            || Phase(ref world, w) != PartitionPhase.Released
            || (w == 1 && world.Store.Claim == 0)
        )
        {
            return false;
        }
        world.Left = world.Left with { Assignments = world.Left.Assignments - 1 };
        m.Feed(ref world, w, PartitionInput.Assigned());
        return true;
    }

    private static bool Call(ExhaustiveModel m, ref SmallWorld world, int w, bool answer)
    {
        if (ExhaustiveModel.Worker(ref world, w).Call == Exhaustive.Call.None)
        {
            return false;
        }
        m.Execute(ref world, w, answer);
        return true;
    }

    private static bool LoseAnswer(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        var before = world.Left;
        world.Left = before with { LostAnswers = before.LostAnswers - 1 };
        return before.LostAnswers > 0 && Call(m, ref world, w, answer: false);
    }

    private static bool Unsafe(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.Unsafe == 0 || ExhaustiveModel.Worker(ref world, w).Call != Exhaustive.Call.Publish)
        {
            return false;
        }
        world.Left = world.Left with { Unsafe = world.Left.Unsafe - 1 };
        m.PublishUnsafely(ref world, w);
        return true;
    }

    private static bool Delay(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (
            world.Left.Delays == 0
            || world.Late.Call != Exhaustive.Call.None
            || ExhaustiveModel.Worker(ref world, w).Call is Exhaustive.Call.None or Exhaustive.Call.Gap
        )
        {
            return false;
        }
        world.Left = world.Left with { Delays = world.Left.Delays - 1 };
        m.GiveUp(ref world, w);
        return true;
    }

    private static bool Fetch(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (Phase(ref world, w) != PartitionPhase.Ready)
        {
            return false;
        }
        m.Fetch(ref world, w);
        return true;
    }

    private static bool Cut(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        ref var worker = ref ExhaustiveModel.Worker(ref world, w);
        if (
            worker.State.Phase != PartitionPhase.Ready
            || (worker.State.Position.Offset == worker.State.Next.Offset && !worker.State.DirtyOwed)
        )
        {
            return false;
        }
        m.Feed(ref world, w, PartitionInput.BatchDue(m.NeedsStates(worker)));
        return true;
    }

    private static bool Idle(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (Phase(ref world, w) != PartitionPhase.Ready || world.Left.NoIdleChecks)
        {
            return false;
        }
        m.Feed(ref world, w, PartitionInput.IdleTick());
        return true;
    }

    private static bool Swap(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        ref var worker = ref ExhaustiveModel.Worker(ref world, w);
        if (worker.Model >= world.Pointer)
        {
            return false;
        }
        // At any moment: what is under way has its lease.
        worker.Model = world.Pointer;
        m.Feed(ref world, w, PartitionInput.ModelReady(worker.Model));
        return true;
    }

    private static bool MendPointer(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        var model = ExhaustiveModel.Worker(ref world, w).Model;
        if (model <= world.Pointer)
        {
            return false;
        }
        world.Pointer = model;
        return true;
    }

    private static bool Promote(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.Promotions == 0)
        {
            return false;
        }
        world.Left = world.Left with { Promotions = world.Left.Promotions - 1 };
        // Larger than any before, whatever became of the pointer: it is the time.
        world.Pointer =
            1 + Math.Max(Math.Max(world.Pointer, world.Store.Sealed), Math.Max(world.A.Model, world.B.Model));
        return true;
    }

    private static Move Seal(int promotion) =>
        (ExhaustiveModel m, ref SmallWorld world, int w) =>
        {
            if (promotion > world.Pointer)
            {
                return false;
            }
            m.Seal(ref world, promotion);
            return true;
        };

    private static bool RollBackPointer(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.PointerRollbacks == 0 || world.Pointer == 0)
        {
            return false;
        }
        world.Left = world.Left with { PointerRollbacks = world.Left.PointerRollbacks - 1 };
        world.Pointer--;
        return true;
    }

    private static bool Renew(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        ref var worker = ref ExhaustiveModel.Worker(ref world, w);
        var state = worker.State;
        var read =
            state.Next.Offset == world.Store.N && state.Seq == world.Store.Seq ? world.Store.First : (Applied?)null;
        if (
            world.Left.Renewals == 0
            || state.Phase != PartitionPhase.Ready
            || state.Position.Offset != state.Next.Offset
            || (worker.Cached0 ?? read) is not { } known
        )
        {
            return false;
        }
        var left = world.Left.Renewals;
        world.Left = world.Left with { Renewals = left - 1 };
        m.Renew(ref world, w, known, mark: 3 - left);
        return true;
    }

    private static bool Leave(ExhaustiveModel m, ref SmallWorld world, int w, PartitionInput input)
    {
        if (world.Left.Departures == 0 || Phase(ref world, w) == PartitionPhase.Released)
        {
            return false;
        }
        world.Left = world.Left with { Departures = world.Left.Departures - 1 };
        m.Feed(ref world, w, input);
        return true;
    }

    private static bool Flush(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (!ExhaustiveModel.Worker(ref world, w).State.Leaving)
        {
            return false;
        }
        m.Feed(ref world, w, PartitionInput.FlushDue());
        return true;
    }

    private static bool Jump(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        ref var worker = ref ExhaustiveModel.Worker(ref world, w);
        if (world.Left.Jumps == 0 || worker.State.Phase != PartitionPhase.Ready || worker.Fetch == m.Log.Length)
        {
            return false;
        }
        world.Left = world.Left with { Jumps = world.Left.Jumps - 1 };
        worker.Fetch++;
        return true;
    }

    private static bool Reconnect(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.Reconnects == 0 || Phase(ref world, w) == PartitionPhase.Released)
        {
            return false;
        }
        world.Left = world.Left with { Reconnects = world.Left.Reconnects - 1 };
        m.Feed(ref world, w, PartitionInput.Reconnected());
        return true;
    }

    private static bool Arrive(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Late.Call == Exhaustive.Call.None)
        {
            return false;
        }
        m.Arrive(ref world);
        return true;
    }

    private static bool Save(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.Rollbacks == 0 || world.HasSaved)
        {
            return false;
        }
        (world.Saved, world.HasSaved) = (world.Store, true);
        return true;
    }

    private static bool Rollback(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (!world.HasSaved)
        {
            return false;
        }
        (world.Store, world.Saved, world.HasSaved) = (world.Saved, default, false);
        world.Left = world.Left with { Rollbacks = 0 };
        return true;
    }

    private static bool RollBackList(ExhaustiveModel m, ref SmallWorld world, int w)
    {
        if (world.Left.ListRollbacks == 0 || world.List == world.Replica)
        {
            return false;
        }
        world.List = world.Replica;
        world.Left = world.Left with { ListRollbacks = 0 };
        return true;
    }

    private static PartitionPhase Phase(ref SmallWorld world, int w) =>
        ExhaustiveModel.Worker(ref world, w).State.Phase;
}
