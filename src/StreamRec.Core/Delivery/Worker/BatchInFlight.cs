using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// The one batch of a partition that is in flight, what is written of it, and the users in memory. Owned by the
/// partition's loop.
/// </summary>
/// <remarks>
/// While a batch is computed beside the loop, it and its users belong to that operation until the answer is taken. The
/// state machine leaves that phase only by the answer, or by a decision that abandons the batch and drops the cache: so
/// neither is used for anything else while somebody may still write to it.
/// </remarks>
internal sealed class BatchInFlight(PartitionIdentity partition, IBatchProcessor processor, int cachedUsers)
{
    private readonly StateCache _cache = new(cachedUsers);

    // Of an attempt at the step that was not answered.
    private bool _mayBeRead;

    public PartitionBatch Batch { get; private set; } = processor.Open(partition);

    public int Records => Batch.Log.Count;

    /// <summary>What the step under way writes; nothing for an idle check.</summary>
    public IReadOnlyList<UserWrite> Writes { get; private set; } = [];

    /// <summary>Looks up the states of the batch's users. Returns whether some must be read.</summary>
    public bool Gather(PartitionCounters counters)
    {
        Batch.Gather(_cache);
        counters.CountUsers(Batch.UserCount, Batch.Missing.Count);
        return Batch.Missing.Count > 0;
    }

    public void Fill(IReadOnlyList<byte[]?> read) => Batch.Fill(read, _cache);

    public void Write(IReadOnlyList<UserWrite> writes) => Writes = writes;

    /// <summary>The step is written again; the attempt before may still stand in the client's queue.</summary>
    public void Repeat() => _mayBeRead = true;

    /// <summary>The step is applied: another batch may begin.</summary>
    /// <param name="lent">Whether lists are yet to be published, out of the batch's memory.</param>
    public void Finish(bool lent)
    {
        if (lent || _mayBeRead)
        {
            Abandon();
            return;
        }
        Batch.Clear();
        Writes = [];
    }

    /// <summary>Something may still be under way in it.</summary>
    public void Abandon() => (Batch, Writes, _mayBeRead) = (processor.Open(partition), [], false);

    public void DropCache() => _cache.Clear();
}
