namespace StreamRec.Delivery.Protocol;

/// <summary>The shape of <see cref="PartitionLife.Handle"/>.</summary>
internal delegate PartitionState PartitionHandler(
    in PartitionState state,
    in PartitionInput input,
    ICollection<PartitionDecision> decisions
);
