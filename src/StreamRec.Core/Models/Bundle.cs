using System.Text.Json;
using StreamRec.Binary;
using StreamRec.Events;
using StreamRec.Models.Towers;

namespace StreamRec.Models;

/// <summary>
/// A model bundle in memory: immutable, safe for any number of threads. What was hashed is what is used, whatever
/// becomes of the files.
/// </summary>
public sealed class Bundle
{
    private readonly BundleReader _files;
    private readonly Dictionary<string, int> _index;

    private Bundle(string directory, BundleManifest manifest)
    {
        var files = new BundleReader(directory, manifest);
        files.VerifyAll();
        (_files, Manifest) = (files, manifest);
        ItemIds = files.ItemIds();
        Vectors = files.Floats(BundleFiles.Vectors, manifest.Dimension);
        if (Vectors.AsSpan(0, manifest.Dimension).ContainsAnyExcept(0f))
        {
            throw files.Broken(BundleFiles.Vectors, "row 0 is padding and must be zero");
        }
        Biases = files.Has(BundleFiles.Biases) ? files.Floats(BundleFiles.Biases, 1) : null;
        Counts = files.Has(BundleFiles.Counts) ? files.Counts() : new long[manifest.Items + 1];
        Popularity = files.Has(BundleFiles.Popularity) ? files.Popularity() : null;
        Categories = files.Has(BundleFiles.Categories) ? files.Categories() : null;
        Segments = files.Has(BundleFiles.Segments) ? files.Segments() : [];
        Trained = files.Has(BundleFiles.Trained) ? files.Trained() : null;
        EncoderPath = files.PathOf(BundleFiles.Encoder);
        StepPath = files.Has(BundleFiles.Step) ? files.PathOf(BundleFiles.Step) : null;
        ExplainPath = files.Has(BundleFiles.Explain) ? files.PathOf(BundleFiles.Explain) : null;
        Reranker = manifest.Reranker is null ? null : BundleReranker.Read(files, manifest, Vectors);
        Probe = files.Has(BundleFiles.Probe)
            ? ModelProbe.Parse(files.Bytes(BundleFiles.Probe), manifest, files.PathOf(BundleFiles.Probe))
            : null;
        Tower = files.HasTower() ? files.Tower() : null;
        _index = new Dictionary<string, int>(manifest.Items, Utf8TextComparer.Instance);
        for (var item = 1; item < ItemIds.Length; item++)
        {
            if (!_index.TryAdd(ItemIds[item], item))
            {
                throw files.Broken(BundleFiles.Items, $"\"{Excerpt.Of(ItemIds[item])}\" stands there twice");
            }
        }
    }

    public BundleManifest Manifest { get; }

    /// <summary>N+1 ids by index; the one at 0 is padding and empty.</summary>
    public string[] ItemIds { get; }

    /// <summary>Item vectors [N+1,D], row-major; row 0 is zero.</summary>
    public float[] Vectors { get; }

    /// <summary>N+1 biases: score(u, i) = u·v_i + b_i. Null: none.</summary>
    public float[]? Biases { get; }

    /// <summary>N+1 popularity counts of the training data; zeros when the bundle has none.</summary>
    public long[] Counts { get; }

    /// <summary>N+1: what orders the popular list; null: <see cref="Counts"/> do.</summary>
    public float[]? Popularity { get; }

    /// <summary>Whether the bundle says how often items stood in the training data.</summary>
    public bool HasCounts => Counts.AsSpan().ContainsAnyExcept(0);

    /// <summary>The items' categories; null when the bundle has none.</summary>
    public ItemCategories? Categories { get; }

    /// <summary>What is popular in segments of the users; none when the bundle has none.</summary>
    public IReadOnlyList<SegmentItems> Segments { get; }

    /// <summary>A sample of the events that were trained on; null when the bundle has none.</summary>
    public TrainedEvents? Trained { get; }

    /// <summary>Where encoder.onnx lies, for messages; what is run is <see cref="ReadEncoder"/>.</summary>
    public string EncoderPath { get; }

    /// <summary>The same of the one-event encoder; null when the bundle has none.</summary>
    public string? StepPath { get; }

    /// <summary>The same of the graph that tells the shares of attention; null when the bundle has none.</summary>
    public string? ExplainPath { get; }

    /// <summary>What puts the best items of the first pass into another order; null: nothing does.</summary>
    public BundleReranker? Reranker { get; }

    /// <summary>What whoever loads it must find again; null when the bundle has none.</summary>
    public ModelProbe? Probe { get; }

    /// <summary>What makes vectors of items that the model does not know; null when the bundle has none.</summary>
    public TowerRows? Tower { get; }

    /// <summary>
    /// Reads encoder.onnx, which may be as large as the catalogue and is not kept. The bytes are those that the
    /// manifest's SHA-256 is of.
    /// </summary>
    /// <exception cref="StreamRecException">The file has changed since the bundle was loaded.</exception>
    public byte[] ReadEncoder() => _files.Bytes(BundleFiles.Encoder);

    /// <summary>As <see cref="ReadEncoder"/>, of step.onnx, where the bundle has one.</summary>
    public byte[] ReadStep() => _files.Bytes(BundleFiles.Step);

    /// <summary>As <see cref="ReadEncoder"/>, of explain.onnx, where the bundle has one.</summary>
    public byte[] ReadExplain() => _files.Bytes(BundleFiles.Explain);

    /// <summary>What stands for an item in the popular list.</summary>
    public float PopularityOf(int item) => Popularity?[item] ?? Counts[item];

    /// <summary>The item's index in 1..N, or 0 for an item that the model does not know.</summary>
    public int IndexOf(string itemId) => _index.GetValueOrDefault(itemId);

    /// <summary>As <see cref="IndexOf(string)"/>, of an id in UTF-8.</summary>
    public int IndexOf(ReadOnlySpan<byte> itemId) =>
        _index.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(itemId, out var item) ? item : 0;

    /// <summary>Reads a bundle, all or nothing.</summary>
    /// <exception cref="StreamRecException">Something is missing or broken; the message names the file.</exception>
    public static Bundle Load(string directory)
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        if (!File.Exists(path))
        {
            throw new StreamRecException(
                $"{path} does not exist. Train a model first, or name a bundle's directory.",
                FaultKind.Input
            );
        }
        try
        {
            return new Bundle(directory, ReadManifest(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"The bundle {directory} cannot be read: {fault.Message}",
                FaultKind.Input,
                fault
            );
        }
    }

    internal static BundleManifest ReadManifest(string path) =>
        new FileInfo(path) is { Length: > BundleReader.MaxManifestBytes }
            ? throw NoManifest(path, TooLarge)
            : ParseManifest(File.ReadAllBytes(path), path);

    /// <param name="path">For messages.</param>
    /// <exception cref="StreamRecException">It is no manifest, or none of this version's.</exception>
    public static BundleManifest ParseManifest(ReadOnlySpan<byte> json, string path)
    {
        BundleManifest? manifest;
        try
        {
            manifest =
                json.Length <= BundleReader.MaxManifestBytes
                    ? JsonSerializer.Deserialize<BundleManifest>(json)
                    : throw TooLarge;
        }
        catch (JsonException fault)
        {
            throw NoManifest(path, fault);
        }
        var wrong = manifest switch
        {
            null => "it is null",
            { Format: not BundleManifest.CurrentFormat } =>
                $"format {manifest.Format} is not known; this version reads format {BundleManifest.CurrentFormat}",
            { Dimension: < 1 or > 4096 } => $"dimension {manifest.Dimension} is not in 1..4096",
            { Window: < 1 or > 100_000 } => $"window {manifest.Window} is not in 1..100000",
            { Items: < 1 or > 50_000_000 } => $"items {manifest.Items} is not in 1..50000000",
            { ModelId: null or "" } or { ModelId.Length: > 64 } => "model_id must have 1 to 64 characters",
            { PopularHalfLifeMs: < 1 or > BundleManifest.MostHalfLifeMs } =>
                $"popular_half_life_ms {manifest.PopularHalfLifeMs} is not in 1..{BundleManifest.MostHalfLifeMs}",
            { Files: null } => "files is missing",
            { Inputs: null } => "inputs is null",
            _ when InputFault(manifest) is { } fault => fault,
            { Reranker: { } reranker } => BundleReranker.Fault(reranker),
            _ => null,
        };
        return wrong is null ? manifest! : throw new StreamRecException($"{path}: {wrong}.", FaultKind.Input);
    }

    private static JsonException TooLarge => new($"larger than {BundleReader.MaxManifestBytes} bytes");

    private static StreamRecException NoManifest(string path, JsonException fault) =>
        new($"{path} is not a bundle's manifest: {fault.Message}", FaultKind.Input, fault);

    private static string? InputFault(BundleManifest manifest)
    {
        var fed =
            $"{string.Join(" and ", BundleManifest.VectorInputs)}, or "
            + $"{string.Join(" and ", BundleManifest.ItemInputs)}";
        var known = BundleManifest.VectorInputs.Union(BundleManifest.ItemInputs);
        return manifest.Inputs.Except(known).FirstOrDefault() is { } input
                ? $"its encoder wants the input '{Excerpt.Of(input)}', and this version feeds {fed}"
            : manifest.TakesVectors && manifest.Inputs.Contains("items")
                ? $"its encoder wants both vectors and items, and this version feeds {fed}"
            : null;
    }
}
