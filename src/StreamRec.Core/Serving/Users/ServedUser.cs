using StreamRec.Binary;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Numerics.Memory;
using StreamRec.Sequences;

namespace StreamRec.Serving.Users;

/// <summary>
/// A user in memory: the sequence, which no model has to do with, and what the model that it was last opened for knows
/// of it.
/// </summary>
/// <remarks>Owned by whoever works the partition's batch.</remarks>
internal sealed class ServedUser : UserState
{
    /// <summary>Levels of <see cref="Prefetch(int)"/>.</summary>
    public const int Levels = 3;

    private readonly UserSequence _sequence = new();
    private readonly EncodedSequence _encoded = new();
    private InvalidDataException? _fault;
    private ModelMemory _model = new();
    private bool _open;

    /// <param name="stored">What the store holds, null for nothing; not kept.</param>
    public ServedUser(string userId, byte[]? stored)
        : base(userId) => Read(stored);

    public UserSequence Sequence => _open ? _sequence : throw new InvalidOperationException("The user is not open.");

    /// <summary>The kept events' items as the model knows them; 0 for those that it does not.</summary>
    public ReadOnlySpan<int> Items => _model.Items;

    /// <summary>Makes the user ready for events and for the model, if that was not done yet.</summary>
    /// <exception cref="UnreadableStateException">What the store holds is no state.</exception>
    public void Open(ModelItems model)
    {
        if (_fault is not null)
        {
            throw new UnreadableStateException(UserId, _fault);
        }
        if (!_open)
        {
            _open = true;
            _encoded.Forget();
            _model.Forget();
        }
        if (!_model.IsOf(model))
        {
            _model.Follow(model, _sequence);
        }
    }

    /// <summary>
    /// Asks ahead for what the user refers to, a level deeper each time: a level can be asked for once the one above it
    /// is there.
    /// </summary>
    /// <param name="level">From 0, below <see cref="Levels"/>.</param>
    public void Prefetch(int level)
    {
        switch (level)
        {
            case 0:
                CpuPrefetch.Of(_sequence);
                _model.Prefetch();
                CpuPrefetch.Of(_encoded);
                break;
            case 1:
                _sequence.Prefetch();
                _encoded.Prefetch();
                _model.FetchItems();
                break;
            default:
                _sequence.PrefetchEvents();
                _encoded.FetchLengths();
                break;
        }
    }

    /// <summary>Takes another user's place, in the memory of the former one.</summary>
    /// <param name="stored">What the store holds, null for nothing; not kept.</param>
    public void Become(string userId, byte[]? stored)
    {
        Rename(userId);
        Read(stored);
    }

    /// <summary>Applies an event; most go to the end.</summary>
    /// <param name="item">The event's item as the model knows it; 0 if it does not.</param>
    public ApplyOutcome Apply(
        in EventText click,
        int item,
        in LogRecord record,
        SequenceOptions options,
        ModelItems model
    )
    {
        var sequence = Sequence;
        var accepted = sequence.Accepted;
        var outcome = sequence.Apply(click, record.Offset, record.Epoch, record.TimestampMs, options);
        if (outcome != ApplyOutcome.Accepted)
        {
            return outcome;
        }
        var last = sequence[sequence.Count - 1];
        if (
            sequence.Accepted == accepted + 1
            && last.TimeMs == click.TimeMs
            && last.EventId.SequenceEqual(click.EventId.Span)
        )
        {
            _encoded.Appended(sequence, _model.Append(item, sequence, model));
        }
        else
        {
            _model.Look(model, sequence);
            _encoded.Forget();
        }
        return outcome;
    }

    /// <summary>Writes the state as the store holds it.</summary>
    public void Write(ref VarintWriter writer) => _encoded.Write(Sequence, ref writer);

    /// <summary>The items to encode, of the window's block, those that the model lacks left out.</summary>
    public int[] Block(int window) => EncodingWindow.Input(Items, Sequence.Accepted, window);

    /// <summary>As <see cref="ModelMemory.BeginSteps"/>.</summary>
    public int? BeginSteps(IStepEncoder step, int window) => _model.BeginSteps(step, Sequence.Accepted, window);

    /// <summary>As <see cref="ModelMemory.State"/>.</summary>
    public float[] State => _model.State;

    public void EndSteps() => _model.EndSteps(Sequence.Accepted);

    private void Read(byte[]? stored)
    {
        (_open, _fault) = (false, null);
        try
        {
            if (stored is null)
            {
                _sequence.Clear();
            }
            else
            {
                StateCodec.Decode(stored, _sequence);
            }
        }
        catch (InvalidDataException fault)
        {
            _fault = fault;
        }
    }
}
