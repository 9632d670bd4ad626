using Microsoft.Extensions.Logging;
using StreamRec.Binary;
using StreamRec.Catalogue;
using StreamRec.Delivery.Batches;
using StreamRec.Events;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka.Producing;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Registry.Loading;
using StreamRec.Serving;
using StreamRec.Serving.Views;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>The model that is live, and what makes lists by it.</summary>
internal sealed class ModelPart : IDisposable
{
    private readonly LiveModel _models;
    private readonly Recommender _recommender;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile LoadedModel _loaded;

    /// <param name="first">Belongs to this from here on.</param>
    /// <param name="promotion">That made it live; 0: it was given by hand.</param>
    public ModelPart(
        LoadedModel first,
        long promotion,
        WorkOptions options,
        WorkMetrics metrics,
        TimeProvider time,
        ILogger log
    )
    {
        (_loaded, _time, _log) = (first, time, log);
        StateSettings = first.Options.OfStates();
        _models = new LiveModel(first.Model, promotion);
        _recommender = new Recommender(_models, first.Options, time, KeyHash.PartitionOf(options.Partitioner));
        _models.LayoutFailed += fault =>
            DoubtLog.Tell(
                log,
                "the items could not be laid out for the users that come, and are searched as before, more slowly: "
                    + $"{fault.Message}"
            );
        _recommender.Computed += metrics.Computed;
        _recommender.NotEncodable += new UnlistedUsers(_recommender.Counters, log).Tell;
        TellDoubts(first);
    }

    public IBatchProcessor Processor => _recommender;

    /// <summary>What shapes a state, beside the log: the same of all models.</summary>
    public HashedText StateSettings { get; }

    /// <summary>What shapes a list, beside the state, the bundle and the catalogue.</summary>
    public HashedText ListOptions => _loaded.ListOptions;

    /// <summary>What became of events.</summary>
    public EventCounters Events => _recommender.Counters;

    public ServedModel Served =>
        new(_loaded.Manifest.ModelId, _loaded.Manifest.Items, _loaded.Encoded)
        {
            Bundle = _loaded.Model.Bundle,
            MakesNewItems = _loaded.Model.MakesNewItems,
        };

    /// <summary>What the batches that begin from now on know of the catalogue.</summary>
    public CatalogueView Catalogue
    {
        get => _recommender.Catalogue;
        set => _recommender.Catalogue = value;
    }

    /// <exception cref="StreamRecException">The bundle cannot be used, or not as the options say.</exception>
    public static ModelPart Load(WorkOptions options, WorkMetrics metrics, TimeProvider time, ILogger log) =>
        new(new ModelLoader(options).Load(options.Bundle), 0, options, metrics, time, log);

    /// <summary>
    /// Makes another model live for the batches that begin from now on; those under way end with theirs.
    /// </summary>
    /// <param name="next">Belongs to this from here on.</param>
    /// <returns>The one of before, which is the caller's.</returns>
    public LoadedModel Switch(LoadedModel next, long promotion)
    {
        _recommender.Prepare(next.Model);
        TellDoubts(next);
        var before = _loaded;
        _models.Exchange(next.Model, promotion);
        _loaded = next;
        return before;
    }

    /// <summary>Makes what a model needs of the catalogue before it becomes live.</summary>
    public void Prepare(LoadedModel next) => _recommender.Prepare(next.Model);

    /// <summary>The live model was promoted once more.</summary>
    public void Renumber(long promotion) => _models.Renumber(promotion);

    /// <summary>Why a model cannot become live beside this catalogue; null: it can.</summary>
    public string? FaultOf(LoadedModel next)
    {
        var view = Catalogue;
        return view.Version is null || next.Model.Bundle.ItemIds.Skip(1).Any(id => view.Eligible.Holds(id, Now))
            ? null
            : $"none of the {next.Manifest.Items} items of model {Excerpt.Of(next.Manifest.ModelId)} may be listed by "
                + "the catalogue: no list could hold any. Fill the catalogue first (`streamrec catalogue import`)";
    }

    /// <summary>How many of the model's items may be listed at the time of the catalogue's reader.</summary>
    public int Listed(CatalogueView catalogue) => Ids().Count(id => catalogue.Eligible.Holds(id, Now));

    /// <summary>What readers are to leave out of lists that are there.</summary>
    public WithdrawnItems Withdrawn(CatalogueView catalogue, ToldItems told)
    {
        using var lease = _models.Lease();
        return new(catalogue.Version!.Value, told.Of(catalogue.Eligible, lease.Model.Bundle.ItemIds.Skip(1)))
        {
            Promotion = lease.Promotion == 0 ? null : lease.Promotion,
        };
    }

    /// <summary>Whether the model makes something of items that it was not trained on.</summary>
    public bool MakesNewItems => _loaded.Model.MakesNewItems;

    /// <summary>Items that the model was not trained on, and lists may hold.</summary>
    public NewItemCounts NewItems => _loaded.Model.NewItems;

    /// <summary>Lends the model that is live now.</summary>
    public ModelLease Lease() => _models.Lease();

    /// <summary>The lists for users without one.</summary>
    public PopularLists Popular() => _recommender.Popular();

    public void Dispose() => _models.Dispose();

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private IEnumerable<string> Ids()
    {
        using var lease = _models.Lease();
        return lease.Model.Bundle.ItemIds.Skip(1);
    }

    private void TellDoubts(LoadedModel model)
    {
        foreach (var doubt in BundleDoubts.Of(model.Manifest, model.Options))
        {
            DoubtLog.Tell(_log, doubt);
        }
    }
}
