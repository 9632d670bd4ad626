using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>The operations on lists that live on shards of their own.</summary>
internal sealed partial class PartitionOperations
{
    public void LoadDirty(in PartitionDecision decision)
    {
        var ticket = decision.Ticket;
        Begin(
            decision,
            failures: 0,
            async cancel =>
            {
                var dirty = await Limited(
                    ports.Store.Lists!.ReadDirtyAsync(partition, options.DirtyUsers, cancel),
                    cancel
                );
                return new(
                    PartitionInput.DirtyLoaded(ticket, dirty.At, dirty.Users.Count > 0),
                    new PartitionNote.Dirty(dirty)
                );
            },
            PartitionInput.PublicationFailed(ticket)
        );
    }

    public void PublishLists(in PartitionDecision decision, Publication publication, Claim claim, int generation)
    {
        var ticket = decision.Ticket;
        Begin(
            decision,
            failures: 0,
            async cancel =>
            {
                if (publication.Dirty is { } dirty)
                {
                    publication = publication.With(await ComputeAgainAsync(dirty, claim, generation, cancel));
                }
                var lists = publication.Lists;
                IReadOnlyList<bool> safe =
                    lists.Count == 0
                        ? []
                        : await Limited(
                            ports.Store.Lists!.PublishAsync(partition, claim, generation, lists, cancel),
                            cancel
                        );
                var published = safe.Count(s => s);
                return new(
                    PartitionInput.Published(ticket, published < lists.Count),
                    new PartitionNote.Published(
                        publication.Safe(safe),
                        published,
                        lists.Count - published,
                        publication.Dirty?.Users.Count ?? 0
                    )
                );
            },
            PartitionInput.PublicationFailed(ticket)
        );
    }

    public void ClearDirty(in PartitionDecision decision, Publication publication, Claim claim)
    {
        var (ticket, users, promotion) = (decision.Ticket, publication.Users, publication.Promotion);
        Begin(
            decision,
            failures: 0,
            async cancel =>
                new(
                    users.Count == 0
                        ? PartitionInput.Cleared(ticket)
                        : await Limited(
                            ports.Store.Lists!.ClearDirtyAsync(partition, claim, promotion, users, cancel),
                            cancel
                        ) switch
                        {
                            ClearAnswer.Cleared => PartitionInput.Cleared(ticket),
                            ClearAnswer.Outdated => PartitionInput.ClearOutdated(ticket),
                            _ => PartitionInput.ClearFenced(ticket),
                        }
                ),
            PartitionInput.PublicationFailed(ticket)
        );
    }

    private async Task<IReadOnlyList<UserWrite>> ComputeAgainAsync(
        DirtyAnswer dirty,
        Claim claim,
        int generation,
        CancellationToken cancel
    )
    {
        var batch = ports.Processor.Open(partition);
        batch.Recall(dirty);
        var computed = await ComputeAsync(batch, claim, generation, cancel);
        return computed.Result.Writes;
    }
}
