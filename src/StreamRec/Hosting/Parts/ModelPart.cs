using Microsoft.Extensions.Logging;
using StreamRec.Binary;
using StreamRec.Catalogue;
using StreamRec.Delivery.Batches;
using StreamRec.Events;
using StreamRec.FailPoints;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka.Producing;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Options;
using StreamRec.Ranking;
using StreamRec.Serving;
using StreamRec.Serving.Views;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>The model, loaded, and what makes lists by it.</summary>
internal sealed class ModelPart : IDisposable
{
    private readonly LiveModel _models;
    private readonly Recommender _recommender;

    private readonly TimeProvider _time;

    private ModelPart(
        ServedModel served,
        LiveModel models,
        Recommender recommender,
        ServingOptions options,
        TimeProvider time
    ) =>
        (Served, _models, _recommender, StateSettings, ListOptions, _time) = (
            served,
            models,
            recommender,
            options.OfStates(),
            options.OfLists(),
            time
        );

    public IBatchProcessor Processor => _recommender;

    /// <summary>What shapes a state, beside the log.</summary>
    public HashedText StateSettings { get; }

    /// <summary>What shapes a list, beside the state, the bundle and the catalogue.</summary>
    public HashedText ListOptions { get; }

    /// <summary>What became of events.</summary>
    public EventCounters Events => _recommender.Counters;

    public ServedModel Served { get; }

    /// <summary>What the batches that begin from now on know of the catalogue.</summary>
    public CatalogueView Catalogue
    {
        get => _recommender.Catalogue;
        set => _recommender.Catalogue = value;
    }

    /// <summary>How many of the model's items may be listed at the time of the catalogue's reader.</summary>
    public int Listed(CatalogueView catalogue) => Ids().Count(id => catalogue.Eligible.Holds(id, Now));

    /// <summary>The model's items that may be listed at no time.</summary>
    public string[] Withdrawn(CatalogueView catalogue)
    {
        using var lease = _models.Lease();
        return lease.Model.Withdrawn(catalogue.Eligible);
    }

    /// <summary>Whether the model makes something of items that it was not trained on.</summary>
    public bool MakesNewItems
    {
        get
        {
            using var lease = _models.Lease();
            return lease.Model.MakesNewItems;
        }
    }

    /// <summary>Items that the model was not trained on, and lists may hold.</summary>
    public NewItemCounts NewItems()
    {
        using var lease = _models.Lease();
        return lease.Model.NewItems;
    }

    /// <summary>The lists for users without one.</summary>
    public PopularLists Popular() => _recommender.Popular();

    /// <exception cref="StreamRecException">The bundle cannot be used, or not as the options say.</exception>
    public static ModelPart Load(WorkOptions options, WorkMetrics metrics, TimeProvider time, ILogger log)
    {
        var bundle = Bundle.Load(options.Bundle);
        var reranker = ServedReranker.OpenerOf(bundle);
        var serving = Serving(options, bundle);
        if (serving.Cap is { } cap && bundle.Categories is null && options.ItemsTopic.Length == 0)
        {
            throw new StreamRecException(
                $"Cap is {cap.Text}, and nobody says what categories items have: give ItemsTopic, the topic of a "
                    + "catalogue, or a bundle that was trained with `--items`.",
                FaultKind.Usage
            );
        }
        var encoder = new ServedEncoder(bundle);
        var models = new LiveModel(new ServingModel(bundle, FailingEncoder.Before(encoder), serving, reranker));
        var recommender = new Recommender(models, serving, time, KeyHash.PartitionOf(options.Partitioner));
        models.LayoutFailed += fault =>
            DoubtLog.Tell(
                log,
                "the items could not be laid out for the users that come, and are searched as before, more slowly: "
                    + $"{fault.Message}"
            );
        recommender.Computed += metrics.Computed;
        recommender.NotEncodable += new UnlistedUsers(recommender.Counters, log).Tell;
        foreach (var doubt in BundleDoubts.Of(bundle.Manifest, serving))
        {
            DoubtLog.Tell(log, doubt);
        }
        var encoded = FailPlan.OfProcess is null ? encoder.How : "by rerun";
        var how = encoded + (reranker is null ? "" : ", re-ranked");
        return new(new(bundle.Manifest.ModelId, bundle.Manifest.Items, how), models, recommender, serving, time);
    }

    public void Dispose() => _models.Dispose();

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private IEnumerable<string> Ids()
    {
        using var lease = _models.Lease();
        return lease.Model.Bundle.ItemIds.Skip(1);
    }

    private static ServingOptions Serving(WorkOptions options, Bundle bundle) =>
        new()
        {
            ListSize = options.ListSize,
            ExcludeSeen = Eligibility.Of(bundle.Manifest, options.SeenRule).ExcludeSeen,
            Filter = options.Filter,
            Cap = options.ListCap,
            Dial = options.Dial,
            VariedPlaces = options.VariedPlaces,
            NewItemShare = options.ItemsTopic.Length > 0 ? options.NewItemShare : 0,
            Types = TypeNames.Parse(options.Types),
            MaxAhead = options.MaxAhead,
            Partitioner = options.Partitioner,
            StrayAdvice = KeyHash.AdviceOf(options.Partitioner),
            Sequence = new()
            {
                Kept = options.Kept > 0 ? options.Kept : Recommender.LeastKept(bundle),
                IdleExpiry = options.IdleExpiry,
            },
        };
}
