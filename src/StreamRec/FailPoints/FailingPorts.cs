using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Encoders;

namespace StreamRec.FailPoints;

/// <summary>
/// A store with fail points around its calls: before-claim, after-claim, before-read, after-read, before-step,
/// after-step.
/// </summary>
internal sealed class FailingStore(IStateStore store, FailPlan points) : IStateStore
{
    public IListShards? Lists => store.Lists;

    public Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        long promotion,
        CancellationToken cancel
    ) =>
        AroundAsync(
            "claim",
            Name(partition),
            () => store.ClaimAsync(partition, claimId, firstStart, promotion, cancel),
            cancel
        );

    public Task<StatesAnswer> ReadAsync(
        PartitionIdentity partition,
        IReadOnlyList<string> users,
        CancellationToken cancel
    ) =>
        AroundAsync(
            "read",
            $"{Name(partition)} {users.Count} users",
            () => store.ReadAsync(partition, users, cancel),
            cancel
        );

    public Task<StepAnswer> StepAsync(
        PartitionIdentity partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        CancellationToken cancel
    )
    {
        Task<StepAnswer> Step() => store.StepAsync(partition, claim, from, to, writes, cancel);
        // An idle check is no batch.
        return from.Offset == to.Offset
            ? Step()
            : AroundAsync("step", $"{Name(partition)} {from.Offset} {to.Offset}", Step, cancel);
    }

    private async Task<T> AroundAsync<T>(string call, string detail, Func<Task<T>> make, CancellationToken cancel)
    {
        await points.ReachAsync($"before-{call}", detail, cancel);
        // Not for one that its caller gave up: it would count as the next.
        var answer = await make().WaitAsync(cancel);
        await points.ReachAsync($"after-{call}", $"{detail} {answer!.GetType().Name}", cancel);
        return answer;
    }

    private static string Name(PartitionIdentity partition) => $"{partition.Topic}[{partition.Partition}]";
}

/// <summary>An encoder with a fail point before each call: before-encode. It stands before the whole graph
/// alone.</summary>
internal sealed class FailingEncoder(IModelEncoder encoder, FailPlan points) : IModelEncoder, IUserEncoder
{
    /// <summary>The encoder, with a fail point before it where the process has any.</summary>
    public static IModelEncoder Before(IModelEncoder encoder) =>
        FailPlan.OfProcess is { } points ? new FailingEncoder(encoder, points) : encoder;

    public int Dimension => encoder.Whole.Dimension;

    public IUserEncoder Whole => this;

    public Func<IStepEncoder>? OpenStep => null;

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> sequences, Span<float> users, IAddedRows? added = null)
    {
        points
            .ReachAsync("before-encode", $"{sequences.Count} sequences", CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        encoder.Whole.Encode(sequences, users, added);
    }

    public void Dispose() => encoder.Dispose();
}

/// <summary>A log with a fail point before an offset is stored: before-store-offset.</summary>
internal sealed class FailingLog(ILogControl log, FailPlan points) : ILogControl
{
    public void Seek(PartitionIdentity partition, LogPosition start, int session) =>
        log.Seek(partition, start, session);

    public void StoreOffset(PartitionIdentity partition, LogPosition to)
    {
        points
            .ReachAsync(
                "before-store-offset",
                $"{partition.Topic}[{partition.Partition}] {to.Offset}",
                CancellationToken.None
            )
            .GetAwaiter()
            .GetResult();
        log.StoreOffset(partition, to);
    }

    public bool IsAssigned(PartitionIdentity partition) => log.IsAssigned(partition);

    public Task<GapAnswer> CheckGapAsync(
        PartitionIdentity partition,
        LogPosition from,
        long to,
        CancellationToken cancel
    ) => log.CheckGapAsync(partition, from, to, cancel);

    public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
        log.FirstStartAsync(partition, cancel);
}
