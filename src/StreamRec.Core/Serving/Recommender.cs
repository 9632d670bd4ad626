using StreamRec.Catalogue;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>
/// Makes lists of events: what <see cref="ServingFlow"/> needs beside a batch. Safe for several partitions at once:
/// they share the model, and each batch borrows what it writes to.
/// </summary>
public sealed class Recommender : IBatchProcessor
{
    private readonly TimeProvider _time;
    private CatalogueView _catalogue = CatalogueView.None;

    /// <param name="models">The model that lists are made with; remains the caller's.</param>
    /// <param name="partitionOf">The partition that a key belongs to, given the number of partitions; -1 for
    /// any.</param>
    public Recommender(
        LiveModel models,
        ServingOptions options,
        TimeProvider time,
        Func<ReadOnlySpan<byte>, int, int> partitionOf
    )
    {
        (Models, Options, _time) = (models, options, time);
        Reader = new RecordReader(options, partitionOf);
    }

    /// <summary>What became of events.</summary>
    public EventCounters Counters { get; } = new();

    /// <summary>
    /// A user got no list, since the model's vector is not finite or too large; events are kept. From any thread.
    /// </summary>
    public event Action<string>? NotEncodable;

    /// <summary>A batch was computed. From any thread.</summary>
    public event Action<BatchTimings>? Computed;

    /// <summary>
    /// The catalogue, for the batches that begin from now on: a batch knows one view of it. Default: none is followed.
    /// </summary>
    public CatalogueView Catalogue
    {
        get => Volatile.Read(ref _catalogue);
        set
        {
            using (var lease = Models.Lease())
            {
                Prepare(lease.Model, value);
            }
            Volatile.Write(ref _catalogue, value);
        }
    }

    /// <summary>Prepares a model that is to become live, so that no batch has to.</summary>
    public void Prepare(ServingModel model) => Prepare(model, Catalogue);

    /// <summary>Sees batches go by; null: nobody looks, which costs nothing. Set before the first batch.</summary>
    internal IServingTap? Tap { get; init; }

    internal RankingThreads Threads { get; } = new();

    internal LiveModel Models { get; }

    internal ServingOptions Options { get; }

    internal RecordReader Reader { get; }

    /// <summary>2W−1: what the blocks of a window of W events may reach back to.</summary>
    public static int LeastKept(Bundle bundle) => Eligibility.LeastKept(bundle.Manifest.Window);

    public PartitionBatch Open(PartitionIdentity partition) => new ServingBatch(this, partition);

    internal void TellComputed(BatchTimings batch) => Computed?.Invoke(batch);

    internal void TellUnusable(ServingBatch batch, UserEncoding encoding)
    {
        foreach (var slot in encoding.Unusable)
        {
            Counters.CountNotEncodable();
            NotEncodable?.Invoke(batch.UserId(slot));
        }
    }

    /// <summary>What all lists of a batch say of themselves.</summary>
    internal Provenance Origin(
        ModelLease lease,
        CatalogueView catalogue,
        PartitionIdentity partition,
        Claim claim,
        int generation
    ) =>
        new(
            ListKinds.Model,
            lease.Model.Bundle.Manifest.ModelId,
            null,
            new Through(partition.TopicUuid, partition.Partition, generation, 0, 0, claim.Number)
            {
                Promotion = lease.Promotion,
            },
            lease.Model.OptionsHash,
            Now,
            catalogue.Version
        );

    // Most records are of now, though no list depends on it.
    private void Prepare(ServingModel model, CatalogueView view)
    {
        var eligible = model.ViewOf(view.Eligible).Eligible;
        eligible.At(view.Eligible.SpanOf(Now));
        model.GroupsOf(eligible);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// The lists that a reader takes for a user without one: the most popular items of the training data, and of each
    /// of the bundle's segments, that may be listed at the time that they name, since they are of no record.
    /// </summary>
    public PopularLists Popular()
    {
        using var lease = Models.Lease();
        var (model, view) = (lease.Model, Catalogue);
        var bundle = model.Bundle;
        var ofAll = PopularItems
            .InOrder(bundle.Counts, bundle.Popularity)
            .Select(item => (item, bundle.PopularityOf(item)))
            .ToArray();
        return new(
            Popular(lease, view, null, ofAll),
            [
                .. bundle.Segments.Select(one => new SegmentList(
                    one.Segment,
                    Popular(lease, view, one.Segment, one.InOrder(ofAll))
                )),
            ],
            view.Version,
            lease.Promotion
        );
    }

    private byte[] Popular(
        ModelLease lease,
        CatalogueView view,
        string? segment,
        IEnumerable<(int Item, float Score)> inOrder
    )
    {
        var (now, model) = (Now, lease.Model);
        var listed = inOrder.Where(one => view.Eligible.Holds(model.Bundle.ItemIds[one.Item], now));
        var best = (Options.Cap is null ? listed.Take(Options.ListSize) : listed).ToArray();
        var items = Array.ConvertAll(best, one => one.Item);
        var scores = Array.ConvertAll(best, one => one.Score);
        if (Options.Cap is { } cap)
        {
            var groups = model.GroupsOf(model.ViewOf(view.Eligible).Eligible);
            new CapWalk(cap).TryChoose(groups, items, scores, Options.ListSize, all: true);
        }
        var count = Math.Min(items.Length, Options.ListSize);
        var made = new Provenance(
            ListKinds.Popular,
            model.Bundle.Manifest.ModelId,
            null,
            null,
            model.OptionsHash,
            now,
            view.Version,
            segment,
            lease.Promotion
        );
        return ListJson.Write(made, items[..count], scores[..count], model.ItemTexts);
    }
}
