using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>The operations on lists that live on shards of their own.</summary>
public sealed partial class PartitionWorker
{
    // Owned by the loop.
    private Publication _publication = Publication.None;

    private async Task LoadDirtyAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        try
        {
            var dirty = await Limited(
                _ports.Store.Lists!.ReadDirtyAsync(_partition, _options.DirtyUsers, cancel),
                cancel
            );
            Post(PartitionInput.DirtyLoaded(decision.Ticket, dirty.NextOffset, dirty.Users.Count > 0), dirty);
        }
        catch (Exception error)
        {
            Fail(PartitionInput.PublicationFailed(decision.Ticket), error, cancel);
        }
    }

    private async Task PublishListsAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var (publication, claim, generation) = (_publication, _state.Claim, _generation);
        try
        {
            var lists = publication.Dirty is { } dirty
                ? await ComputeAgainAsync(dirty, claim, generation, cancel)
                : publication.Lists;
            IReadOnlyList<bool> safe =
                lists.Count == 0
                    ? []
                    : await Limited(
                        _ports.Store.Lists!.PublishAsync(_partition, claim, generation, lists, cancel),
                        cancel
                    );
            var published = safe.Count(s => s);
            Counters.ListsPublished += published;
            Counters.ListsUnsafe += lists.Count - published;
            Post(PartitionInput.Published(decision.Ticket, published < lists.Count), publication.Safe(lists, safe));
        }
        catch (Exception error)
        {
            Fail(PartitionInput.PublicationFailed(decision.Ticket), error, cancel);
        }
    }

    private async Task<IReadOnlyList<UserWrite>> ComputeAgainAsync(
        DirtyAnswer dirty,
        Claim claim,
        int generation,
        CancellationToken cancel
    )
    {
        var batch = _ports.Processor.Open(_partition);
        batch.Recall(dirty);
        var result = await batch.ProcessAsync(claim, generation, cancel);
        Counters.Republished += dirty.Users.Count;
        return [.. result.Writes.Where(w => !w.List.IsEmpty)];
    }

    private async Task ClearDirtyAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var (users, claim) = (_publication.Users, _state.Claim);
        try
        {
            var held =
                users.Count == 0
                || await Limited(_ports.Store.Lists!.ClearDirtyAsync(_partition, claim, users, cancel), cancel);
            Post(held ? PartitionInput.Cleared(decision.Ticket) : PartitionInput.ClearFenced(decision.Ticket));
        }
        catch (Exception error)
        {
            Fail(PartitionInput.PublicationFailed(decision.Ticket), error, cancel);
        }
    }
}
