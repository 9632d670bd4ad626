using System.Text.Encodings.Web;
using System.Text.Json;
using StreamRec.Bundles;
using StreamRec.Encoding;
using StreamRec.Events;
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
    private readonly Func<byte[], int, int> _partitionOf;
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
        (_bundle, _encoder, _options, _time, _partitionOf) = (bundle, encoder, options, time, partitionOf);
        _optionsHash = options.Hash();
        _itemIds = [.. bundle.ItemIds.Select(id => JsonEncodedText.Encode(id ?? "", JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        _topN = new TopN(bundle.Vectors, bundle.Manifest.Dimension, bundle.Biases);
    }

    /// <summary>2W−1: what the blocks of a window of W events may reach back to.</summary>
    public static int LeastKept(Bundle bundle) => 2 * bundle.Manifest.Window - 1;

    public IReadOnlyList<string> Prepare(PartitionIdentity partition, IReadOnlyList<LogRecord> records)
    {
        var users = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (TryRead(partition, record, out var click, out _))
            {
                users.Add(click.UserId);
            }
        }
        return [.. users];
    }

    public ValueTask<BatchResult> ProcessAsync(Batch batch, CancellationToken cancel)
    {
        var letters = new List<DeadLetter>();
        var sequences = new Dictionary<string, UserSequence>(StringComparer.Ordinal);
        for (var i = 0; i < batch.Users.Count; i++)
        {
            sequences[batch.Users[i]] = batch.States[i] is { } state ? StateCodec.Decode(state.Span) : new UserSequence();
        }
        foreach (var record in batch.Records)
        {
            if (TryRead(batch.Partition, record, out var click, out var refused))
            {
                Apply(sequences[click.UserId], click, record, letters);
            }
            else if (refused is { } letter)
            {
                letters.Add(letter);
            }
        }
        var writes = new UserWrite[batch.Users.Count];
        lock (_model)
        {
            var lists = Lists(batch, [.. batch.Users.Select(user => sequences[user])]);
            for (var i = 0; i < writes.Length; i++)
            {
                var sequence = sequences[batch.Users[i]];
                writes[i] = new UserWrite(
                    batch.Users[i], StateCodec.Encode(sequence), lists[i], new(sequence.LastEpoch, sequence.LastOffset));
            }
        }
        return ValueTask.FromResult(new BatchResult(writes, letters));
    }

    private bool TryRead(PartitionIdentity partition, in LogRecord record, out ClickEvent click, out DeadLetter? letter)
    {
        letter = null;
        if (!EventJson.TryParse(record.Value.Span, out click, out var error))
        {
            letter = new DeadLetter(record, error.Code, error.Message);
            return false;
        }
        if (EventTime.Check(click, record.TimestampMs, _options.MaxAhead) is { } ahead)
        {
            letter = new DeadLetter(record, ahead.Code, ahead.Message);
            return false;
        }
        var key = System.Text.Encoding.UTF8.GetBytes(click.UserId);
        if (!record.Key.Span.SequenceEqual(key))
        {
            letter = new DeadLetter(record, "key-mismatch", "The Kafka key is not the event's user_id.");
            return false;
        }
        var owner = _partitionOf(key, partition.PartitionCount);
        if (owner >= 0 && owner != partition.Partition)
        {
            letter = new DeadLetter(record, "stray",
                $"The key belongs to partition {owner}: set the producer's partitioner to murmur2 (librdkafka: partitioner=murmur2_random).");
            return false;
        }
        return _options.Types.Count == 0 || _options.Types.Contains(click.Type);
    }

    private void Apply(UserSequence sequence, in ClickEvent click, in LogRecord record, List<DeadLetter> letters)
    {
        var outcome = sequence.Apply(click, record.Offset, record.Epoch, record.TimestampMs, _options.Sequence);
        if (outcome == ApplyOutcome.IdConflict)
        {
            letters.Add(new DeadLetter(record, "id-conflict", "The event's id stands in the user's sequence at another time."));
        }
    }

    private ReadOnlyMemory<byte>[] Lists(Batch batch, UserSequence[] sequences)
    {
        var lists = new ReadOnlyMemory<byte>[sequences.Length];
        var known = new int[sequences.Length][];
        var encoded = new List<int>();
        var inputs = new List<ReadOnlyMemory<int>>();
        for (var i = 0; i < sequences.Length; i++)
        {
            known[i] = [.. sequences[i].Events.Select(e => _bundle.IndexOf(e.ItemId))];
            var input = Block(known[i], sequences[i].Accepted);
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
            lists[i] = ListJson.Write(Made(batch, sequences[i]), items.AsSpan(0, count), scores, _itemIds);
        }
        return lists;
    }

    /// <summary>From event W·max(0, ⌊n/W⌋−1) on, of n accepted: a function of the state alone. Items the model lacks are left out.</summary>
    private ReadOnlyMemory<int> Block(int[] kept, long accepted)
    {
        var window = _bundle.Manifest.Window;
        var start = window * Math.Max(0, accepted / window - 1);
        var skip = (int)Math.Clamp(kept.Length - (accepted - start), 0, kept.Length);
        return kept.Skip(skip).Where(item => item > 0).ToArray();
    }

    private Provenance Made(Batch batch, UserSequence sequence) => new(
        "model", _bundle.Manifest.ModelId, sequence.Events[^1].Key,
        new Through(
            batch.Partition.TopicUuid, batch.Partition.Partition, batch.Generation,
            sequence.LastEpoch, sequence.LastOffset, batch.Claim.Number),
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
