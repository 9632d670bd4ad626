namespace StreamRec.Tests.Delivery.Rules;

/// <summary>
/// The rules of the protocol, each of which a test turns off to see that an oracle notices.
/// </summary>
internal sealed record PartitionRules
{
    public static readonly PartitionRules All = new();

    public bool DropCacheWhenFenced { get; init; } = true;
    public bool DropCacheOnConflict { get; init; } = true;
    public bool DropCacheOnAssignment { get; init; } = true;
    public bool DropCacheOnGivingUp { get; init; } = true;
    public bool StatesNeedTheirPosition { get; init; } = true;

    /// <summary>States that a step changed without moving <c>n</c> are of no use.</summary>
    public bool StatesNeedTheirSeq { get; init; } = true;
    public bool IdleCheck { get; init; } = true;
    public bool CheckGaps { get; init; } = true;

    /// <summary>
    /// Only CONFLICT with <c>n</c> = <c>to</c> means that an unanswered step was applied, not just any.
    /// </summary>
    public bool ConflictNeedsTo { get; init; } = true;

    /// <summary>Nor is it, where the store has not taken exactly one step more.</summary>
    public bool ConflictNeedsSeq { get; init; } = true;

    /// <summary>An unanswered step may have been applied: without this rule the worker takes it as applied.</summary>
    public bool AmbiguousIsRetried { get; init; } = true;

    /// <summary>A new claim publishes what the one before it left dirty.</summary>
    public bool PublishAtClaim { get; init; } = true;

    /// <summary>Dirty users are published again now and then, and after a reconnect.</summary>
    public bool PublishWhenIdle { get; init; } = true;

    /// <summary>Only what enough replicas have is no longer dirty.</summary>
    public bool ClearOnlySafe { get; init; } = true;

    /// <summary>What a refused step made of the users in memory is forgotten.</summary>
    public bool DropCacheWhenOutdated { get; init; } = true;

    /// <summary>A step is of the model that computed it, not of the one that is live when it is written.</summary>
    public bool StepNamesItsLease { get; init; } = true;

    /// <summary>What waits for a model goes on when it is there.</summary>
    public bool TakeModel { get; init; } = true;

    /// <summary>What waits for a model asks now and then whether that is still the one.</summary>
    public bool AskAgainForModel { get; init; } = true;

    /// <summary>Answers to operations given up are ignored.</summary>
    public bool TicketsMatter { get; init; } = true;
}
