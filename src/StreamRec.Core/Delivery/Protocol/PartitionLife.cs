namespace StreamRec.Delivery.Protocol;

/// <summary>
/// The life of a partition on one worker, from assignment to release: a pure function from state and input to state and
/// decisions. No I/O, no clock, no threads. See docs/delivery.md for why each rule is there.
/// </summary>
/// <remarks>
/// The caller offers records only while <see cref="PartitionPhase.Ready"/>, in order, each again until it is accepted
/// or skipped; so one batch is in flight, and its end is the position at the moment it was cut.
/// </remarks>
public sealed partial class PartitionLife
{
    private readonly PartitionPolicy _policy;
    private readonly PartitionRules _rules;

    /// <summary>A life under all rules of the protocol.</summary>
    public PartitionLife(PartitionPolicy policy)
        : this(policy, PartitionRules.All) { }

    internal PartitionLife(PartitionPolicy policy, PartitionRules rules) => (_policy, _rules) = (policy, rules);

    /// <summary>Takes one input.</summary>
    /// <param name="s">The state before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="decisions">What to do is appended here, in order.</param>
    /// <returns>The state after.</returns>
    public PartitionState Handle(PartitionState s, in PartitionInput input, ICollection<PartitionDecision> decisions) =>
        input.Kind switch
        {
            PartitionInputKind.Assigned => Assign(s, decisions),
            PartitionInputKind.Revoked => Revoke(s, decisions),
            PartitionInputKind.FlushDue => s.Leaving ? Release(s, decisions) : s,
            PartitionInputKind.Lost => s.Phase == PartitionPhase.Released ? s : Release(s, decisions),
            PartitionInputKind.Reconnected or PartitionInputKind.IdleTick => CheckIdle(s, input.Kind, decisions),
            PartitionInputKind.Fetched
            or PartitionInputKind.EndOfPartition
            or PartitionInputKind.OutOfRange
            or PartitionInputKind.LogForked
            or PartitionInputKind.BatchDue => s.Phase == PartitionPhase.Ready ? Read(s, input, decisions) : s,
            _ => Awaited(s, input) ? Answer(s, input, decisions) : s,
        };

    private PartitionState Assign(PartitionState s, ICollection<PartitionDecision> decisions) =>
        Claim(
            new PartitionState { Ticket = s.Ticket, Known = s.Known },
            _rules.DropCacheOnAssignment,
            delayed: false,
            decisions
        );

    private PartitionState Revoke(PartitionState s, ICollection<PartitionDecision> decisions) =>
        s.Phase switch
        {
            PartitionPhase.Released => s,
            PartitionPhase.Computing
            or PartitionPhase.Reading
            or PartitionPhase.Writing
            or PartitionPhase.Publishing
            or PartitionPhase.Clearing => s with
            {
                Leaving = true,
            },
            _ => Release(s, decisions),
        };

    // The ticket moves on, so that the answer to what is still under way is late.
    private PartitionState Release(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        if (_rules.DropCacheOnAssignment)
        {
            decisions.Add(new(PartitionDecisionKind.DropCache));
        }

        decisions.Add(new(PartitionDecisionKind.Release));
        return new PartitionState { Ticket = s.Ticket + 1, Known = s.Known };
    }

    private PartitionState Claim(PartitionState s, bool drop, bool delayed, ICollection<PartitionDecision> decisions)
    {
        if (s.Leaving)
        {
            return Release(s, decisions);
        }

        if (drop)
        {
            decisions.Add(new(PartitionDecisionKind.DropCache));
        }

        var ticket = s.Ticket + 1;
        decisions.Add(new(PartitionDecisionKind.StartClaim) { Ticket = ticket, Delayed = delayed });
        return s with
        {
            Phase = PartitionPhase.Claiming,
            Ticket = ticket,
            DirtyOwed = false,
            Republishing = false,
            Claim = default,
            Next = default,
            Position = default,
            Attempts = 0,
            GapTo = 0,
        };
    }

    private static PartitionState Halt(PartitionState s, HaltReason reason, ICollection<PartitionDecision> decisions)
    {
        decisions.Add(new(PartitionDecisionKind.DropCache));
        decisions.Add(new(PartitionDecisionKind.Halt) { Reason = reason, From = s.Position });
        if (s.Leaving)
        {
            decisions.Add(new(PartitionDecisionKind.Release));
            return new PartitionState { Ticket = s.Ticket + 1, Known = s.Known };
        }

        return s with
        {
            Phase = PartitionPhase.Halted,
            Ticket = s.Ticket + 1,
            Halt = reason,
        };
    }

    private PartitionState CheckIdle(
        PartitionState s,
        PartitionInputKind kind,
        ICollection<PartitionDecision> decisions
    )
    {
        if (s.Phase is PartitionPhase.Released or PartitionPhase.Halted)
        {
            return s;
        }

        s = s with { DirtyOwed = s.DirtyOwed || (_policy.ListsElsewhere && _rules.PublishWhenIdle) };
        if (_rules.IdleCheck && AtRest(s))
        {
            return Write(s, decisions);
        }

        // A step that is under way may have been answered by the store from before.
        return kind == PartitionInputKind.Reconnected && _rules.IdleCheck ? s with { CheckOwed = true } : s;
    }

    private static bool AtRest(in PartitionState s) =>
        s.Phase == PartitionPhase.Ready && s.Position.Offset == s.Next.Offset;

    private static PartitionState Write(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        var ticket = s.Ticket + 1;
        decisions.Add(
            new(PartitionDecisionKind.WriteStep)
            {
                Ticket = ticket,
                From = s.Next,
                To = s.Position,
            }
        );
        return s with { Phase = PartitionPhase.Writing, Ticket = ticket, Attempts = 0, CheckOwed = false };
    }

    private static PartitionState Ready(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        s = s with { Phase = PartitionPhase.Ready, Attempts = 0, GapTo = 0 };
        return !AtRest(s) ? s
            : s.CheckOwed ? Write(s, decisions)
            : s.DirtyOwed ? LoadDirty(s, decisions)
            : s;
    }

    private static PartitionState Seek(PartitionState s, ICollection<PartitionDecision> decisions)
    {
        var ticket = s.Ticket + 1;
        decisions.Add(new(PartitionDecisionKind.SeekTo) { Ticket = ticket, To = s.Position });
        return Ready(s with { Ticket = ticket }, decisions);
    }
}
