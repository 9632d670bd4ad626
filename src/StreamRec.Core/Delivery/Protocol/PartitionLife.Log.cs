namespace StreamRec.Delivery.Protocol;

/// <summary>What comes from the log: records, ends, gaps.</summary>
public sealed partial class PartitionLife
{
    private PartitionState Read(PartitionState s, in PartitionInput input, ICollection<PartitionDecision> decisions)
    {
        switch (input.Kind)
        {
            case PartitionInputKind.Fetched:
                return Fetch(s, input.Offset, input.Epoch, decisions);
            case PartitionInputKind.EndOfPartition when input.Offset > s.Position.Offset:
                // A consumer that started too late also ends here, having skipped real records.
                return CheckGap(s, input.Offset, decisions);
            case PartitionInputKind.EndOfPartition when input.Offset < s.Position.Offset:
                // It did not start where it was told to, and the log may have been cut: asked for the position itself,
                // the broker tells.
                decisions.Add(new(PartitionDecisionKind.Skip));
                return Seek(s, decisions);
            case PartitionInputKind.EndOfPartition:
                decisions.Add(new(PartitionDecisionKind.Skip));
                return s;
            case PartitionInputKind.OutOfRange:
                decisions.Add(new(PartitionDecisionKind.Skip));
                return Range(s, input.Offset, input.End, decisions);
            case PartitionInputKind.LogForked:
                decisions.Add(new(PartitionDecisionKind.Skip));
                return Fork(s, decisions);
            default:
                return Cut(s, input.NeedsStates, decisions);
        }
    }

    private PartitionState Fetch(PartitionState s, long offset, int epoch, ICollection<PartitionDecision> decisions)
    {
        if (offset < s.Position.Offset)
        {
            decisions.Add(new(PartitionDecisionKind.Skip));
            // A consumer that began too early shows what stands below the position now.
            return s.Position.Epoch >= 0 && epoch > s.Position.Epoch ? Fork(s, decisions) : s;
        }

        if (offset > s.Position.Offset && _rules.CheckGaps)
        {
            return CheckGap(s, offset, decisions);
        }

        // Epochs never fall along one log.
        if (epoch >= 0 && epoch < s.Position.Epoch)
        {
            decisions.Add(new(PartitionDecisionKind.Skip));
            return Fork(s, decisions);
        }

        decisions.Add(new(PartitionDecisionKind.Accept));
        return s with { Position = new LogPosition(offset + 1, epoch) };
    }

    private PartitionState CheckGap(PartitionState s, long to, ICollection<PartitionDecision> decisions)
    {
        if (!_rules.CheckGaps)
        {
            return s with { Position = new LogPosition(to, -1) };
        }

        return AskBroker(s with { Phase = PartitionPhase.CheckingGap, GapTo = to }, delayed: false, decisions);
    }

    private static PartitionState AskBroker(PartitionState s, bool delayed, ICollection<PartitionDecision> decisions)
    {
        var ticket = s.Ticket + 1;
        decisions.Add(
            new(PartitionDecisionKind.CheckGap)
            {
                Ticket = ticket,
                From = s.Position,
                To = new LogPosition(s.GapTo, -1),
                Delayed = delayed,
            }
        );
        return s with { Ticket = ticket };
    }

    private PartitionState JudgeGap(
        PartitionState s,
        GapVerdict verdict,
        long start,
        ICollection<PartitionDecision> decisions
    )
    {
        switch (verdict)
        {
            case GapVerdict.Hole:
                decisions.Add(
                    new(PartitionDecisionKind.CountGap) { From = s.Position, To = new LogPosition(s.GapTo, -1) }
                );
                // The epoch of what fills the hole is unknown, and a wrong one looks like a truncated log.
                return Ready(s with { Position = new LogPosition(s.GapTo, -1) }, decisions);
            case GapVerdict.Records:
                return Seek(s, decisions);
            case GapVerdict.Retention:
                // Only what is below the log's start is lost; beyond it the gap is looked at again.
                return Lose(s, Math.Clamp(start, s.Position.Offset, s.GapTo), decisions);
            default:
                return AskBroker(s, delayed: true, decisions);
        }
    }

    private PartitionState Range(PartitionState s, long start, long end, ICollection<PartitionDecision> decisions)
    {
        if (s.Position.Offset > end)
        {
            return Fork(s, decisions);
        }

        return s.Position.Offset < start ? Lose(s, start, decisions) : Seek(s, decisions);
    }

    // Only a fork below n is in the states. Above it, what was taken is dropped, and the log is read again from n.
    private PartitionState Fork(PartitionState s, ICollection<PartitionDecision> decisions) =>
        s.Position.Offset > s.Next.Offset
            ? Claim(s, drop: true, delayed: true, decisions)
            : Halt(s, HaltReason.Fork, decisions);

    private PartitionState Lose(PartitionState s, long to, ICollection<PartitionDecision> decisions)
    {
        if (!_policy.SkipLostRecords)
        {
            return Halt(s, HaltReason.Retention, decisions);
        }

        decisions.Add(new(PartitionDecisionKind.CountLost) { From = s.Position, To = new LogPosition(to, -1) });
        return Seek(s with { Position = new LogPosition(to, -1) }, decisions);
    }

    private static PartitionState Cut(PartitionState s, bool needsStates, ICollection<PartitionDecision> decisions)
    {
        if (s.Position.Offset == s.Next.Offset)
        {
            return s.DirtyOwed ? LoadDirty(s, decisions) : s;
        }

        return needsStates ? ReadStates(s, delayed: false, decisions) : Compute(s, decisions);
    }
}
