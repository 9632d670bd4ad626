namespace StreamRec.Delivery.Protocol;

/// <summary>
/// The life of a partition on one worker, from assignment to release: a pure function from state and input to state and
/// decisions. No I/O, no clock, no threads. See docs/delivery.md for why each rule is there.
/// </summary>
/// <remarks>
/// The caller offers records only while <see cref="PartitionPhase.Ready"/>, in order, each again until it is accepted
/// or skipped; so one batch is in flight, and its end is the position at the moment it was cut.
/// </remarks>
public sealed partial class PartitionLife(PartitionPolicy policy)
{
    /// <summary>Takes one input.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="decisions">What to do is appended here, in order.</param>
    /// <returns>The state after.</returns>
    public PartitionState Handle(
        in PartitionState state,
        in PartitionInput input,
        ICollection<PartitionDecision> decisions
    )
    {
        var t = new Transition(state, decisions);
        var next = input.Kind switch
        {
            // Whatever is under way.
            PartitionInputKind.Assigned => Claim(t.To(Unassigned(state) with { Ticket = state.Ticket })),
            PartitionInputKind.ModelReady => TakeModel(t, input.Promotion),
            PartitionInputKind.Revoked => Revoke(t),
            PartitionInputKind.FlushDue => state.Leaving ? Release(t) : t,
            PartitionInputKind.Lost => state.Phase == PartitionPhase.Released ? t : Release(t),
            PartitionInputKind.Reconnected or PartitionInputKind.IdleTick => CheckIdle(t, input.Kind),

            // Of the log: while nothing is.
            PartitionInputKind.Fetched
            or PartitionInputKind.EndOfPartition
            or PartitionInputKind.OutOfRange
            or PartitionInputKind.LogForked
            or PartitionInputKind.BatchDue => state.Phase == PartitionPhase.Ready ? Read(t, input) : t,

            // The answer to what is. That to what was given up is late.
            _ => input.Ticket == state.Ticket ? Answer(t, input) : t,
        };
        return next.State;
    }

    private Transition Answer(Transition t, in PartitionInput input) =>
        (t.State.Phase, input.Kind) switch
        {
            (PartitionPhase.Claiming, PartitionInputKind.ClaimGranted) => Claimed(t, input),
            (PartitionPhase.Claiming, PartitionInputKind.ClaimRefused) => Halt(t, input.Reason),
            (PartitionPhase.Claiming, PartitionInputKind.ClaimOutdated) => AwaitModel(t, input.Promotion),
            (PartitionPhase.Claiming, PartitionInputKind.ClaimFailed) => Claim(t, delayed: true),

            (PartitionPhase.CheckingGap, PartitionInputKind.GapChecked) => JudgeGap(t, input.Verdict, input.Offset),

            // Else a zombie reads a state that already holds its batch, and applies it again after a rollback; or one
            // that a step changed without moving n.
            (PartitionPhase.Reading, PartitionInputKind.StatesAnswered) => IsAt(t, input) ? Compute(t) : Claim(t),
            (PartitionPhase.Reading, PartitionInputKind.StatesFailed) => TriesAgain(t)
                ? ReadStates(Attempt(t), delayed: true)
                : Claim(t, delayed: true),

            (PartitionPhase.Computing, PartitionInputKind.Computed) => Write(t),
            (PartitionPhase.Computing, PartitionInputKind.ComputeFailed) => Halt(t, HaltReason.ProcessorFailed),

            (PartitionPhase.Writing, PartitionInputKind.StepApplied) => Applied(t, input),
            // Where an attempt had no answer. The script looks at the claim first, so it is still mine, and only this
            // step leads to this n by one step.
            (PartitionPhase.Writing, PartitionInputKind.StepConflict)
                when t.State.Attempts > 0 && input.Offset == t.State.Position.Offset && input.Seq == t.State.Seq + 1 =>
                Applied(t, input),
            (PartitionPhase.Writing, PartitionInputKind.StepConflict) => Claim(t),
            // The batch is computed anew, by the model that is live then.
            (PartitionPhase.Writing, PartitionInputKind.StepOutdated) => Claim(t),
            (PartitionPhase.Writing, PartitionInputKind.StepFenced) => Claim(t, delayed: true),
            // It may have been applied: the same step again tells.
            (PartitionPhase.Writing, PartitionInputKind.StepFailed) => TriesAgain(t)
                ? RetryStep(Attempt(t))
                : Claim(t, delayed: true),

            (PartitionPhase.LoadingDirty, PartitionInputKind.DirtyLoaded) => DirtyLoaded(t, input),
            (PartitionPhase.Publishing, PartitionInputKind.Published) => Clear(t, input.More),
            (PartitionPhase.Clearing, PartitionInputKind.Cleared) => GoOn(t),
            (PartitionPhase.Clearing, PartitionInputKind.ClearFenced) => Claim(t, delayed: true),
            (PartitionPhase.Clearing, PartitionInputKind.ClearOutdated) => Claim(t),
            (
                PartitionPhase.LoadingDirty
                    or PartitionPhase.Publishing
                    or PartitionPhase.Clearing,
                PartitionInputKind.PublicationFailed
            ) => GoOn(t.To(t.State with { DirtyOwed = false })),

            _ => t,
        };

    // Whether the store is where it was left.
    private static bool IsAt(Transition t, in PartitionInput input) =>
        input.Offset == t.State.Next.Offset && input.Seq == t.State.Seq;

    private static Transition Revoke(Transition t) =>
        t.State.Phase switch
        {
            PartitionPhase.Released => t,
            // The batch in flight is the last.
            PartitionPhase.Computing
            or PartitionPhase.Reading
            or PartitionPhase.Writing
            or PartitionPhase.Publishing
            or PartitionPhase.Clearing => t.To(t.State with { Leaving = true }),
            _ => Release(t),
        };

    private static Transition Release(Transition t) =>
        t.Do(PartitionDecisionKind.DropCache).Do(PartitionDecisionKind.Release).Rest(Unassigned(t.State));

    // What outlives an assignment.
    private static PartitionState Unassigned(in PartitionState state) =>
        new() { Known = state.Known, Promotion = state.Promotion };

    // Whatever is known of the partition is forgotten: it belongs to a store that may not be there any more.
    private static Transition Claim(Transition t, bool delayed = false) =>
        t.State.Leaving
            ? Release(t)
            : t.Do(PartitionDecisionKind.DropCache)
                .To(
                    t.State with
                    {
                        DirtyOwed = false,
                        Republishing = false,
                        Claim = default,
                        Next = default,
                        Seq = 0,
                        Position = default,
                        Attempts = 0,
                        GapTo = 0,
                    }
                )
                .Begin(PartitionPhase.Claiming, new(PartitionDecisionKind.StartClaim) { Delayed = delayed });

    private Transition Claimed(Transition t, in PartitionInput input)
    {
        var next = new LogPosition(input.Offset, input.Epoch);
        return Seek(
            t.To(
                t.State with
                {
                    Claim = input.Claim,
                    Next = next,
                    Seq = input.Seq,
                    Position = next,
                    Known = true,
                    // What the claim before left dirty.
                    DirtyOwed = policy.ListsElsewhere,
                }
            )
        );
    }

    private static Transition TakeModel(Transition t, long promotion)
    {
        // What was told last may have been overtaken.
        t = t.To(t.State with { Promotion = Math.Max(t.State.Promotion, promotion) });
        return t.State.Phase == PartitionPhase.AwaitingModel ? Claim(t) : t;
    }

    // The claim changed nothing. The model may have come meanwhile.
    private static Transition AwaitModel(Transition t, long promotion) =>
        promotion <= t.State.Promotion ? Claim(t) : t.Rest(t.State with { Phase = PartitionPhase.AwaitingModel });

    private static Transition Halt(Transition t, HaltReason reason)
    {
        t.Do(PartitionDecisionKind.DropCache)
            .Do(new PartitionDecision(PartitionDecisionKind.Halt) { Reason = reason, From = t.State.Position });
        return t.State.Leaving
            ? t.Do(PartitionDecisionKind.Release).Rest(Unassigned(t.State))
            : t.Rest(t.State with { Phase = PartitionPhase.Halted, Halt = reason });
    }

    private Transition CheckIdle(Transition t, PartitionInputKind kind)
    {
        if (t.State.Phase is PartitionPhase.Released or PartitionPhase.Halted)
        {
            return t;
        }
        if (t.State.Phase == PartitionPhase.AwaitingModel)
        {
            // A store that fell back may ask for no newer one any more.
            return Claim(t);
        }
        t = t.To(t.State with { DirtyOwed = t.State.DirtyOwed || policy.ListsElsewhere });
        return AtRest(t.State) ? Write(t)
            // A step that is under way may have been answered by the store from before.
            : kind == PartitionInputKind.Reconnected ? t.To(t.State with { CheckOwed = true })
            : t;
    }

    private static bool AtRest(in PartitionState s) =>
        s.Phase == PartitionPhase.Ready && s.Position.Offset == s.Next.Offset;

    // What is owed comes first, where no batch has begun.
    private static Transition Ready(Transition t)
    {
        t = t.To(t.State with { Phase = PartitionPhase.Ready, Attempts = 0, GapTo = 0 });
        return !AtRest(t.State) ? t
            : t.State.CheckOwed ? Write(t)
            : t.State.DirtyOwed ? LoadDirty(t)
            : t;
    }

    private bool TriesAgain(Transition t) => t.State.Attempts < policy.Retries;

    private static Transition Attempt(Transition t) => t.To(t.State with { Attempts = t.State.Attempts + 1 });

    private static Transition ReadStates(Transition t, bool delayed) =>
        t.Begin(PartitionPhase.Reading, t.OfBatch(PartitionDecisionKind.ReadStates) with { Delayed = delayed });

    private static Transition Compute(Transition t) =>
        t.To(t.State with { Attempts = 0 }).Begin(PartitionPhase.Computing, t.OfBatch(PartitionDecisionKind.Compute));

    private static Transition Write(Transition t) =>
        t.To(t.State with { Attempts = 0, CheckOwed = false })
            .Begin(PartitionPhase.Writing, t.OfBatch(PartitionDecisionKind.WriteStep));

    private static Transition RetryStep(Transition t) =>
        t.Begin(PartitionPhase.Writing, t.OfBatch(PartitionDecisionKind.RetryStep) with { Delayed = true });

    private Transition Applied(Transition t, in PartitionInput input)
    {
        var batch = t.State.Position.Offset > t.State.Next.Offset;
        t = t.Do(t.OfBatch(PartitionDecisionKind.StoreOffset))
            .To(t.State with { Next = t.State.Position, Seq = input.Seq });
        return batch && policy.ListsElsewhere ? Publish(t)
            : t.State.Leaving ? Release(t)
            : input.Promotion > t.State.Promotion ? Claim(t)
            : Ready(t);
    }
}
