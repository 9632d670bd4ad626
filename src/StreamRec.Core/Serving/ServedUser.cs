using StreamRec.Binary;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Numerics.Memory;
using StreamRec.Sequences;

namespace StreamRec.Serving;

/// <summary>
/// A user in memory: the sequence, its items as the model knows them, and what the step encoder knows of it.
/// </summary>
/// <remarks>
/// Owned by whoever works the partition's batch. Of one bundle: another model starts with an empty cache.
/// </remarks>
internal sealed class ServedUser : UserState
{
    /// <summary>Levels of <see cref="Fetch(int)"/>.</summary>
    public const int Levels = 3;

    private readonly UserSequence _sequence = new();
    private readonly List<int> _items = new(KeptEvents.LeastEvents);
    private readonly EncodedSequence _encoded = new();
    private InvalidDataException? _fault;
    private bool _open;

    // What the step state covers: the accepted events from _from until _through, exclusive. None where _through is 0.
    private float[]? _state;
    private long _from;
    private long _through;

    /// <param name="stored">What the store holds, null for nothing; not kept.</param>
    public ServedUser(string userId, byte[]? stored)
        : base(userId) => Read(stored);

    public UserSequence Sequence => _open ? _sequence : throw new InvalidOperationException("The user is not open.");

    /// <summary>The kept events' items as the model knows them; 0 for those that it does not.</summary>
    public ReadOnlySpan<int> Items => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_items);

    /// <summary>Makes the user ready for events, if that was not done yet.</summary>
    /// <exception cref="UnreadableStateException">What the store holds is no state.</exception>
    public void Open(Bundle bundle)
    {
        if (_fault is not null)
        {
            throw new UnreadableStateException(UserId, _fault);
        }
        if (!_open)
        {
            (_open, _through) = (true, 0);
            _encoded.Forget();
            Look(bundle);
        }
    }

    /// <summary>
    /// Asks ahead for what the user refers to, a level deeper each time: a level can be asked for once the one above it
    /// is there.
    /// </summary>
    /// <param name="level">From 0, below <see cref="Levels"/>.</param>
    public void Fetch(int level)
    {
        switch (level)
        {
            case 0:
                Prefetch.Of(_sequence);
                Prefetch.Of(_items);
                Prefetch.Of(_encoded);
                break;
            case 1:
                _sequence.Fetch();
                _encoded.Fetch();
                Prefetch.OfSpan(Items);
                break;
            default:
                _sequence.FetchEvents();
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
    public ApplyOutcome Apply(in EventText click, int item, in LogRecord record, SequenceOptions options, Bundle bundle)
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
            _items.Add(item);
            var dropped = _items.Count - sequence.Count;
            _items.RemoveRange(0, dropped);
            _encoded.Appended(sequence, dropped);
        }
        else
        {
            Look(bundle);
            _encoded.Forget();
            _through = 0;
        }
        return outcome;
    }

    /// <summary>Writes the state as the store holds it.</summary>
    public void Write(ref VarintWriter writer) => _encoded.Write(Sequence, ref writer);

    /// <summary>The items to encode, of the window's block, those that the model lacks left out.</summary>
    public int[] Block(int window) => EncodingWindow.Input(Items, Sequence.Accepted, window);

    /// <summary>Makes the step state ready for the events that it lacks.</summary>
    /// <returns>Where in <see cref="Items"/> those begin; null if there is nothing to encode.</returns>
    public int? BeginSteps(IStepEncoder step, int window)
    {
        var start = EncodingWindow.Start(Sequence.Accepted, window);
        _state ??= new float[step.StateWidth];
        Prefetch.Of(_state, 0, step.StateWidth);
        if (_through > 0 && _from == start)
        {
            var lacking = First(_through);
            if (Items[lacking..].ContainsAnyExcept(0))
            {
                return lacking;
            }
        }
        // A new block, a late event, or nothing new: a vector is only made by a step.
        step.Start(_state);
        (_from, _through) = (start, 0);
        var first = First(start);
        return Items[first..].ContainsAnyExcept(0) ? first : null;
    }

    /// <summary>The step state; it covers all events once <see cref="EndSteps"/> was called.</summary>
    public float[] State => _state!;

    public void EndSteps() => _through = Sequence.Accepted;

    // Where the accepted event of a number stands among the kept ones.
    private int First(long number) => (int)Math.Clamp(_items.Count - (Sequence.Accepted - number), 0, _items.Count);

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

    private void Look(Bundle bundle)
    {
        _items.Clear();
        for (var i = 0; i < Sequence.Count; i++)
        {
            _items.Add(bundle.IndexOf(Sequence[i].ItemId));
        }
    }
}
