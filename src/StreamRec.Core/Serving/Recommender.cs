using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
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
    private readonly TimeProvider _time;
    private readonly string _optionsHash;
    private int _busy;

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
        Eligibility = new Eligibility(options.ExcludeSeen, options.Sequence.Kept);
        Reader = new RecordReader(options, partitionOf);
        _optionsHash = options.Hash();
    }

    /// <summary>What became of events.</summary>
    public EventCounters Counters { get; } = new();

    /// <summary>
    /// A user got no list, since the model's vector is not finite or too large; events are kept. From any thread.
    /// </summary>
    public event Action<string>? NotEncodable;

    internal LiveModel Models { get; }

    internal ServingOptions Options { get; }

    internal Eligibility Eligibility { get; }

    internal RecordReader Reader { get; }

    /// <summary>2W−1: what the blocks of a window of W events may reach back to.</summary>
    public static int LeastKept(Bundle bundle) => Eligibility.LeastKept(bundle.Manifest.Window);

    public PartitionBatch Open(PartitionIdentity partition) => new ServingBatch(this, partition);

    /// <summary>Batches that are encoded and ranked now.</summary>
    internal int Busy => Volatile.Read(ref _busy);

    /// <summary>Encodes users, and lends the vectors to <paramref name="use"/>.</summary>
    internal void Encode(ServingModel model, ReadOnlySpan<ServedUser> users, Action<UserEncoding> use)
    {
        var encoding = model.RentEncoding();
        Interlocked.Increment(ref _busy);
        try
        {
            encoding.Encode(users);
            foreach (var slot in encoding.Unusable)
            {
                Counters.CountNotEncodable();
                NotEncodable?.Invoke(users[slot].UserId);
            }
            model.Workspaces.Learn(encoding.Vectors);
            use(encoding);
        }
        catch
        {
            encoding.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
        model.Return(encoding);
    }

    internal Provenance Made(
        ServingModel model,
        string kind,
        PartitionIdentity partition,
        int generation,
        Claim claim,
        LastEvent newest,
        StateVersion version
    ) =>
        new(
            kind,
            model.Bundle.Manifest.ModelId,
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
        using var lease = Models.Lease();
        var (bundle, texts) = (lease.Model.Bundle, lease.Model.ItemTexts);
        var items = PopularItems.InOrder(bundle.Counts).Take(Options.ListSize).ToArray();
        var made = new Provenance(
            ListKinds.Popular,
            bundle.Manifest.ModelId,
            null,
            null,
            _optionsHash,
            _time.GetUtcNow().ToUnixTimeMilliseconds()
        );
        return ListJson.Write(made, items, [.. items.Select(i => (float)bundle.Counts[i])], texts);
    }
}
