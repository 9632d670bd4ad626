using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.FailPoints;
using StreamRec.Kafka.Producing;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Options;
using StreamRec.Ranking;
using StreamRec.Serving;
using StreamRec.Serving.Probes;

namespace StreamRec.Registry.Loading;

/// <summary>
/// Makes models of bundles as `work` serves them: whoever pushes a bundle tries it by the same code.
/// </summary>
/// <param name="kept">K, which all models of a worker share; 0: what the first one needs.</param>
internal sealed class ModelLoader(WorkOptions options, int kept = 0)
{
    private int _kept = options.Kept > 0 ? options.Kept : kept;
    private long _made,
        _ended;

    /// <summary>Models that were loaded, and those that were given back.</summary>
    public (long Made, long Ended) Sessions => (Interlocked.Read(ref _made), Interlocked.Read(ref _ended));

    /// <exception cref="StreamRecException">The bundle cannot be used, or not as the options say.</exception>
    public LoadedModel Load(string directory)
    {
        var bundle = Bundle.Load(directory);
        var reranker = ServedReranker.OpenerOf(bundle);
        var serving = Serving(bundle);
        if (serving.Cap is { } cap && bundle.Categories is null && options.ItemsTopic.Length == 0)
        {
            throw new StreamRecException(
                $"Cap is {cap.Text}, and nobody says what categories items have: give ItemsTopic, the topic of a "
                    + "catalogue, or a bundle that was trained with `--items`.",
                FaultKind.Usage
            );
        }
        var encoder = new ServedEncoder(bundle);
        var counted = new CountedEncoder(FailingEncoder.Before(encoder), this);
        var model = new ServingModel(bundle, counted, serving, reranker);
        Interlocked.CompareExchange(ref _kept, serving.Sequence.Kept, 0);
        var encoded = FailPlan.OfProcess is null ? encoder.How : "by rerun";
        return new(model, serving, encoded + (reranker is null ? "" : ", re-ranked"));
    }

    /// <summary>
    /// As <see cref="Load"/>, of a copy from a registry: it must do here what it did when it was pushed.
    /// </summary>
    /// <exception cref="StreamRecException">As there, or it does not, or there is too little memory.</exception>
    public LoadedModel LoadTried(string directory, long free)
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        var manifest = Bundle.ParseManifest(File.ReadAllBytes(path), path);
        if (MemoryNeed.Fault(manifest, free) is { } fault)
        {
            throw new StreamRecException($"Model {Excerpt.Of(manifest.ModelId)}: {fault}.", FaultKind.Input);
        }
        var loaded = Load(directory);
        try
        {
            var beside = Path.Combine(directory, BundleFiles.Probe);
            var probe = loaded.Model.Bundle.Probe ?? (File.Exists(beside) ? ModelProbe.Read(beside, manifest) : null);
            if (probe is not null)
            {
                ProbeRun.Require(loaded.Model, probe);
            }
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private ServingOptions Serving(Bundle bundle) =>
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
                Kept = _kept > 0 ? _kept : Recommender.LeastKept(bundle),
                IdleExpiry = options.IdleExpiry,
            },
        };

    /// <summary>Tells when the model that it belongs to has ended.</summary>
    private sealed class CountedEncoder : IModelEncoder
    {
        private readonly IModelEncoder _encoder;
        private readonly ModelLoader _loader;
        private int _disposed;

        public CountedEncoder(IModelEncoder encoder, ModelLoader loader)
        {
            (_encoder, _loader) = (encoder, loader);
            Interlocked.Increment(ref loader._made);
        }

        public IUserEncoder Whole => _encoder.Whole;

        public Func<IStepEncoder>? OpenStep => _encoder.OpenStep;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                _encoder.Dispose();
                Interlocked.Increment(ref _loader._ended);
            }
        }
    }
}
