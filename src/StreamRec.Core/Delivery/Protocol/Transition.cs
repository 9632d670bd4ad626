namespace StreamRec.Delivery.Protocol;

/// <summary>
/// A partition on its way from one state to the next: what it becomes, and what is to be done, in order. The one place
/// where operations get their numbers.
/// </summary>
internal readonly struct Transition(in PartitionState state, ICollection<PartitionDecision> decisions)
{
    /// <summary>What the partition has become so far.</summary>
    public PartitionState State { get; } = state;

    /// <summary>Something to be done with the batch in flight, which reaches from <c>n</c> to the position.</summary>
    public PartitionDecision OfBatch(PartitionDecisionKind kind) =>
        new(kind) { From = State.Next, To = State.Position };

    /// <summary>Becomes another state.</summary>
    public Transition To(in PartitionState state) => new(state, decisions);

    /// <summary>Has something done that is not answered.</summary>
    public Transition Do(in PartitionDecision decision)
    {
        decisions.Add(decision);
        return this;
    }

    /// <summary>Has something done that is not answered.</summary>
    public Transition Do(PartitionDecisionKind kind) => Do(new PartitionDecision(kind));

    /// <summary>
    /// Begins the operation of a phase. Its answer carries the next ticket, so that the answer to what was under way
    /// before is late.
    /// </summary>
    public Transition Begin(PartitionPhase phase, in PartitionDecision operation)
    {
        var ticket = State.Ticket + 1;
        decisions.Add(operation with { Ticket = ticket });
        return To(State with { Phase = phase, Ticket = ticket });
    }

    /// <summary>Stands still, with nothing under way: the answer to what was is late.</summary>
    public Transition Rest(in PartitionState state) => To(state with { Ticket = State.Ticket + 1 });
}
