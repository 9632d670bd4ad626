using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Telemetry.Batches;

namespace StreamRec.Telemetry;

/// <summary>A store that tells of each batch's step what became of it, and how long it took.</summary>
internal sealed class TimedStore(IStateStore store, Action<StepTaken> taken, TimeProvider time) : IStateStore
{
    public IListShards? Lists => store.Lists;

    public Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        long promotion,
        CancellationToken cancel
    ) => store.ClaimAsync(partition, claimId, firstStart, promotion, cancel);

    public Task<StatesAnswer> ReadAsync(
        PartitionIdentity partition,
        IReadOnlyList<string> users,
        CancellationToken cancel
    ) => store.ReadAsync(partition, users, cancel);

    public async Task<StepAnswer> StepAsync(
        PartitionIdentity partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        CancellationToken cancel
    )
    {
        var began = time.GetTimestamp();
        try
        {
            var answer = await store.StepAsync(partition, claim, from, to, writes, cancel);
            Tell(partition, from.Offset, to.Offset, began, ErrorOf(answer), answered: true);
            return answer;
        }
        catch (Exception fault)
        {
            Tell(partition, from.Offset, to.Offset, began, fault.GetType().FullName, answered: false);
            throw;
        }
    }

    private void Tell(PartitionIdentity partition, long from, long to, long began, string? error, bool answered)
    {
        // An idle check is no batch.
        if (from != to)
        {
            taken(new(partition.Partition, to, began, time.GetElapsedTime(began), error, answered));
        }
    }

    private static string? ErrorOf(StepAnswer answer) =>
        answer switch
        {
            StepAnswer.Applied => null,
            StepAnswer.Conflict => "conflict",
            StepAnswer.Outdated => "outdated",
            _ => "fenced",
        };
}
