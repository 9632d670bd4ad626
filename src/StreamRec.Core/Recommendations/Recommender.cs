using System.Text.Encodings.Web;
using System.Text.Json;
using StreamRec.Bundles;
using StreamRec.Encoding;
using StreamRec.Pipeline;
using StreamRec.Ranking;
using StreamRec.Sequences;

namespace StreamRec.Recommendations;

/// <summary>The pipeline, as one sentence: event → sequence → encode → rank → list.</summary>
/// <remarks>Safe for several partitions at once: encoding and ranking happen one batch at a time.</remarks>
public sealed class Recommender : IBatchProcessor
{
    private readonly Bundle _bundle;
    private readonly IUserEncoder _encoder;
    private readonly RecommenderOptions _options;
    private readonly TimeProvider _time;
    private readonly string _optionsHash;
    private readonly JsonEncodedText[] _itemIds;
    private readonly TopN _topN;
    private readonly Lock _model = new();

    /// <param name="partitionOf">The partition that a key belongs to, given the number of partitions; -1 for any.</param>
    /// <exception cref="StreamRecException">The bundle needs more events than are kept.</exception>
    public Recommender(
        Bundle bundle, IUserEncoder encoder, RecommenderOptions options, TimeProvider time, Func<byte[], int, int> partitionOf)
    {
        var needed = LeastKept(bundle);
        if (options.Sequence.Kept < needed)
        {
            throw new StreamRecException(
                $"The bundle's window of {bundle.Manifest.Window} events needs {needed} kept events, but Kept is {options.Sequence.Kept}. Raise Kept to {needed}.",
                ExitCode.Usage);
        }
        (_bundle, _encoder, _options, _time) = (bundle, encoder, options, time);
        Reader = new RecordReader(options, partitionOf);
        _optionsHash = options.Hash();
        _itemIds = [.. bundle.ItemIds.Select(id => JsonEncodedText.Encode(id ?? "", JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        _topN = new TopN(bundle.Vectors, bundle.Manifest.Dimension, bundle.Biases);
    }

    /// <summary>2W−1: what the blocks of a window of W events may reach back to.</summary>
    public static int LeastKept(Bundle bundle) => 2 * bundle.Manifest.Window - 1;

    public PartitionBatch Open(PartitionIdentity partition) => new RecommendationBatch(this, partition);

    internal RecommenderOptions Options => _options;

    internal RecordReader Reader { get; }

    /// <summary>Encodes users and ranks the items for each; empty for a user of whom the model knows no item.</summary>
    internal ReadOnlyMemory<byte>[] Lists(RecommendedUser[] of, PartitionIdentity partition, int generation, Claim claim)
    {
        lock (_model)
        {
            var lists = new ReadOnlyMemory<byte>[of.Length];
            var known = new int[of.Length][];
            var encoded = new List<int>();
            var inputs = new List<ReadOnlyMemory<int>>();
            for (var i = 0; i < of.Length; i++)
            {
                known[i] = [.. of[i].Sequence.Events.Select(e => _bundle.IndexOf(e.ItemId))];
                var input = Blocks.Input(known[i], of[i].Sequence.Accepted, _bundle.Manifest.Window);
                if (input.Length > 0)
                {
                    encoded.Add(i);
                    inputs.Add(input);
                }
            }
            var dimension = _bundle.Manifest.Dimension;
            var users = new float[inputs.Count * dimension];
            if (inputs.Count > 0)
            {
                _encoder.Encode(inputs, users);
            }
            var items = new int[_options.ListSize];
            var scores = new float[_options.ListSize];
            for (var j = 0; j < encoded.Count; j++)
            {
                var i = encoded[j];
                var count = _topN.Search(
                    users.AsSpan(j * dimension, dimension), _options.ExcludeSeen ? known[i] : [], items, scores);
                lists[i] = ListJson.Write(Made(partition, generation, claim, of[i].Sequence), items.AsSpan(0, count), scores, _itemIds);
            }
            return lists;
        }
    }

    private Provenance Made(PartitionIdentity partition, int generation, Claim claim, UserSequence sequence) => new(
        "model", _bundle.Manifest.ModelId, sequence.Events[^1].Key,
        new Through(
            partition.TopicUuid, partition.Partition, generation, sequence.LastEpoch, sequence.LastOffset, claim.Number),
        _optionsHash, _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The list that a reader takes for a user without one: the most frequent items of the training data.</summary>
    public byte[] Popular()
    {
        var items = Enumerable.Range(1, _bundle.Manifest.Items)
            .OrderByDescending(i => _bundle.Counts[i]).ThenBy(i => i).Take(_options.ListSize).ToArray();
        var made = new Provenance(
            "popular", _bundle.Manifest.ModelId, null, null, _optionsHash, _time.GetUtcNow().ToUnixTimeMilliseconds());
        return ListJson.Write(made, items, [.. items.Select(i => (float)_bundle.Counts[i])], _itemIds);
    }
}
