namespace StreamRec.Delivery.Protocol;

/// <summary>What comes from the log: records, ends, gaps.</summary>
public sealed partial class PartitionLife
{
    private Transition Read(Transition t, in PartitionInput input) =>
        input.Kind switch
        {
            PartitionInputKind.Fetched => Fetch(t, input.Offset, input.Epoch),
            PartitionInputKind.EndOfPartition => End(t, input.Offset),
            PartitionInputKind.OutOfRange => Range(t.Do(PartitionDecisionKind.Skip), input.Offset, input.End),
            PartitionInputKind.LogForked => Fork(t.Do(PartitionDecisionKind.Skip)),
            _ => Cut(t, input.NeedsStates),
        };

    private static Transition Fetch(Transition t, long offset, int epoch)
    {
        if (offset < t.State.Position.Offset)
        {
            // A consumer that began too early shows what stands below the position now.
            var position = t.State.Position;
            var skipped = t.Do(PartitionDecisionKind.Skip);
            return position.Epoch >= 0 && epoch > position.Epoch ? Fork(skipped) : skipped;
        }
        if (offset > t.State.Position.Offset)
        {
            return CheckGap(t, offset);
        }
        // Epochs never fall along one log.
        if (epoch >= 0 && epoch < t.State.Position.Epoch)
        {
            return Fork(t.Do(PartitionDecisionKind.Skip));
        }
        return t.Do(PartitionDecisionKind.Accept).To(t.State with { Position = new(offset + 1, epoch) });
    }

    private static Transition End(Transition t, long position) =>
        position.CompareTo(t.State.Position.Offset) switch
        {
            // A consumer that started too late also ends here, having skipped real records.
            > 0 => CheckGap(t, position),
            // It did not start where it was told to, and the log may have been cut: asked for the position itself, the
            // broker tells.
            < 0 => Seek(t.Do(PartitionDecisionKind.Skip)),
            _ => t.Do(PartitionDecisionKind.Skip),
        };

    private static Transition CheckGap(Transition t, long to) =>
        AskBroker(t.To(t.State with { GapTo = to }), delayed: false);

    private static Transition AskBroker(Transition t, bool delayed) =>
        t.Begin(PartitionPhase.CheckingGap, Gap(t, PartitionDecisionKind.CheckGap) with { Delayed = delayed });

    private static PartitionDecision Gap(Transition t, PartitionDecisionKind kind) =>
        new(kind) { From = t.State.Position, To = Unknown(t.State.GapTo) };

    // The epoch of what fills a hole is unknown, and a wrong one looks like a truncated log.
    private static LogPosition Unknown(long offset) => new(offset, -1);

    private Transition JudgeGap(Transition t, GapVerdict verdict, long start) =>
        verdict switch
        {
            GapVerdict.Hole => Ready(
                t.Do(Gap(t, PartitionDecisionKind.CountGap)).To(t.State with { Position = Unknown(t.State.GapTo) })
            ),
            GapVerdict.Records => Seek(t),
            // Only what is below the log's start is lost; beyond it the gap is looked at again.
            GapVerdict.Retention => Lose(t, Math.Clamp(start, t.State.Position.Offset, t.State.GapTo)),
            _ => AskBroker(t, delayed: true),
        };

    private Transition Range(Transition t, long start, long end) =>
        t.State.Position.Offset > end ? Fork(t)
        : t.State.Position.Offset < start ? Lose(t, start)
        : Seek(t);

    // Only a fork below n is in the states. Above it, what was taken is dropped, and the log is read again from n.
    private static Transition Fork(Transition t) =>
        t.State.Position.Offset > t.State.Next.Offset ? Claim(t, delayed: true) : Halt(t, HaltReason.Fork);

    private Transition Lose(Transition t, long to) =>
        policy.SkipLostRecords
            ? Seek(
                t.Do(
                        new PartitionDecision(PartitionDecisionKind.CountLost)
                        {
                            From = t.State.Position,
                            To = Unknown(to),
                        }
                    )
                    .To(t.State with { Position = Unknown(to) })
            )
            : Halt(t, HaltReason.Retention);

    // The log is read from the position on, in a session named by the ticket.
    private static Transition Seek(Transition t) =>
        Ready(t.Begin(PartitionPhase.Ready, new(PartitionDecisionKind.SeekTo) { To = t.State.Position }));

    private static Transition Cut(Transition t, bool needsStates) =>
        AtRest(t.State)
            ? t.State.DirtyOwed
                ? LoadDirty(t)
                : t
            : needsStates
                ? ReadStates(t, delayed: false)
                : Compute(t);
}
