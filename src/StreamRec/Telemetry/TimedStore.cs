using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Telemetry;

/// <summary>A store that tells how long it took to answer to a batch's step.</summary>
internal sealed class TimedStore(IStateStore store, Action<TimeSpan> stored, TimeProvider time) : IStateStore
{
    public IListShards? Lists => store.Lists;

    public Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        CancellationToken cancel
    ) => store.ClaimAsync(partition, claimId, firstStart, cancel);

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
        var answer = await store.StepAsync(partition, claim, from, to, writes, cancel);
        // An idle check is no batch.
        if (from.Offset != to.Offset)
        {
            stored(time.GetElapsedTime(began));
        }
        return answer;
    }
}
