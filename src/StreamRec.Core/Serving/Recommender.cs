using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;

namespace StreamRec.Serving;

/// <summary>The pipeline, as one sentence: event → sequence → encode → rank → list.</summary>
/// <remarks>
/// Safe for several partitions at once: they share the model, and each batch borrows what it writes to.
/// </remarks>
public sealed class Recommender : IBatchProcessor
{
    private readonly IUserEncoder _encoder;
    private readonly Func<IStepEncoder>? _openStep;
    private readonly TimeProvider _time;
    private readonly string _optionsHash;
    private readonly VectorLimit _limit;
    private readonly ConcurrentBag<UserEncoding> _encodings = [];
    private int _busy;

    /// <param name="partitionOf">The partition that a key belongs to, given the number of partitions; -1 for
    /// any.</param>
    /// <param name="openStep">Opens a step encoder for a thread; null: the bundle has none, and all is encoded by
    /// rerun.</param>
    /// <exception cref="StreamRecException">The bundle needs more events than are kept.</exception>
    public Recommender(
        Bundle bundle,
        IUserEncoder encoder,
        ServingOptions options,
        TimeProvider time,
        Func<ReadOnlySpan<byte>, int, int> partitionOf,
        Func<IStepEncoder>? openStep = null
    )
    {
        var needed = LeastKept(bundle);
        if (options.Sequence.Kept < needed)
        {
            throw new StreamRecException(
                $"The bundle's window of {bundle.Manifest.Window} events needs {needed} kept events, "
                    + $"but Kept is {options.Sequence.Kept}. Raise Kept to {needed}.",
                FaultKind.Usage
            );
        }
        (Bundle, _encoder, Options, _time, _openStep) = (bundle, encoder, options, time, openStep);
        Eligibility = new Eligibility(options.ExcludeSeen, options.Sequence.Kept);
        Reader = new RecordReader(options, partitionOf);
        _optionsHash = options.Hash();
        ItemTexts = new ItemTexts([
            .. bundle.ItemIds.Select(id =>
                JsonEncodedText.Encode(id ?? "", JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
            ),
        ]);
        Workspaces = new WorkspacePool(bundle, options.ListSize, options.Diversity);
        _limit = new VectorLimit(bundle);
    }

    /// <summary>What became of events.</summary>
    public EventCounters Counters { get; } = new();

    /// <summary>
    /// Items could not be laid out for the users that come, and are searched as before: slower, with the same lists.
    /// </summary>
    public event Action<Exception>? LayoutFailed
    {
        add => Workspaces.Failed += value;
        remove => Workspaces.Failed -= value;
    }

    /// <summary>
    /// A user got no list, since the model's vector is not finite or too large; events are kept. From any thread.
    /// </summary>
    public event Action<string>? NotEncodable;

    /// <summary>A batch was computed. From any thread.</summary>
    public event Action<BatchTimings>? Computed;

    internal Bundle Bundle { get; }

    internal ServingOptions Options { get; }

    internal Eligibility Eligibility { get; }

    internal RecordReader Reader { get; }

    internal ItemTexts ItemTexts { get; }

    internal WorkspacePool Workspaces { get; }

    /// <summary>2W−1: what the blocks of a window of W events may reach back to.</summary>
    public static int LeastKept(Bundle bundle) => Eligibility.LeastKept(bundle.Manifest.Window);

    public PartitionBatch Open(PartitionIdentity partition) => new ServingBatch(this, partition);

    /// <summary>Batches that are encoded and ranked now.</summary>
    internal int Busy => Volatile.Read(ref _busy);

    internal void Tell(BatchTimings batch) => Computed?.Invoke(batch);

    /// <summary>Encodes users, and lends the vectors to <paramref name="use"/>.</summary>
    internal void Encode(ReadOnlySpan<ServedUser> users, Action<UserEncoding> use)
    {
        var encoding = _encodings.TryTake(out var idle)
            ? idle
            : new UserEncoding(Bundle, _encoder, _openStep?.Invoke(), _limit);
        Interlocked.Increment(ref _busy);
        try
        {
            encoding.Encode(users);
            foreach (var slot in encoding.Unusable)
            {
                Counters.CountNotEncodable();
                NotEncodable?.Invoke(users[slot].UserId);
            }
            Workspaces.Learn(encoding.Vectors);
            use(encoding);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
        // After an exception it is not lent again.
        _encodings.Add(encoding);
    }

    internal Provenance Made(
        string kind,
        PartitionIdentity partition,
        int generation,
        Claim claim,
        LastEvent newest,
        StateVersion version
    ) =>
        new(
            kind,
            Bundle.Manifest.ModelId,
            newest,
            new Through(
                partition.TopicUuid,
                partition.Partition,
                generation,
                version.Epoch,
                version.Offset,
                claim.Number
            ),
            _optionsHash,
            _time.GetUtcNow().ToUnixTimeMilliseconds()
        );

    /// <summary>
    /// The list that a reader takes for a user without one: the most frequent items of the training data.
    /// </summary>
    public byte[] Popular()
    {
        var items = PopularItems.InOrder(Bundle.Counts).Take(Options.ListSize).ToArray();
        var made = new Provenance(
            ListKinds.Popular,
            Bundle.Manifest.ModelId,
            null,
            null,
            _optionsHash,
            _time.GetUtcNow().ToUnixTimeMilliseconds()
        );
        return ListJson.Write(made, items, [.. items.Select(i => (float)Bundle.Counts[i])], ItemTexts);
    }
}
