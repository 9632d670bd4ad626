using System.Runtime.InteropServices;
using StreamRec.Encoders;
using StreamRec.Numerics.Memory;
using StreamRec.Sequences;

namespace StreamRec.Serving.Users;

/// <summary>
/// What one model knows of a user: the sequence's items by its indices, and its step state. Another model knows nothing
/// of it, and starts from the sequence. A field of the user, never copied: one place less to look at.
/// </summary>
/// <remarks>
/// Items that the model was not trained on come, change and go with the catalogue: a user who has any, or any that is
/// not known, is looked up again in each state of it, so that no vector hangs on when the user was last seen.
/// </remarks>
internal struct ModelMemory()
{
    private readonly List<int> _items = new(KeptEvents.LeastEvents);

    private ItemsVersion _version;

    // Whether any item is above the model's own ones, or is not known.
    private bool _hasOthers;

    // What the step state covers: the accepted events from _from until _through, exclusive. None where _through is 0.
    private float[]? _state;
    private long _from;
    private long _through;

    /// <summary>The kept events' items as the model knows them; 0 for those that it does not.</summary>
    public readonly ReadOnlySpan<int> Items => CollectionsMarshal.AsSpan(_items);

    /// <summary>The step state; it covers all events once <see cref="EndSteps"/> was called.</summary>
    public readonly float[] State => _state!;

    public readonly void Prefetch() => CpuPrefetch.Of(_items);

    public readonly void FetchItems() => CpuPrefetch.OfSpan(Items);

    public void Forget() => _version = default;

    public readonly bool IsOf(ModelItems model) => _version == model.Version;

    /// <summary>Goes over to another model, or to another state of the catalogue.</summary>
    public void Follow(ModelItems model, UserSequence sequence)
    {
        if (_version.Number != model.Version.Number)
        {
            Look(model, sequence);
            return;
        }
        if (_hasOthers && LookAgain(model, sequence))
        {
            _through = 0;
        }
        _version = model.Version;
    }

    /// <summary>Looks all items up; the step state is another model's, or of another sequence.</summary>
    public void Look(ModelItems model, UserSequence sequence)
    {
        (_version, _through, _hasOthers) = (model.Version, 0, false);
        _items.Clear();
        for (var i = 0; i < sequence.Count; i++)
        {
            var item = model.IndexOf(sequence[i].ItemId);
            _items.Add(item);
            _hasOthers |= IsOther(item, model);
        }
    }

    // Returns whether an item has come, gone, or changed. The model's own ones stay what they are.
    private bool LookAgain(ModelItems model, UserSequence sequence)
    {
        var items = CollectionsMarshal.AsSpan(_items);
        var changed = false;
        _hasOthers = false;
        for (var i = 0; i < items.Length; i++)
        {
            if (!IsOther(items[i], model))
            {
                continue;
            }
            var item = model.IndexOf(sequence[i].ItemId);
            changed |= item != items[i] || model.HasChanged(item, _version);
            items[i] = item;
            _hasOthers = true;
        }
        return changed;
    }

    private static bool IsOther(int item, ModelItems model) => (uint)(item - 1) >= (uint)model.Known;

    /// <summary>An event was added at the sequence's end; returns how many were pushed out at its start.</summary>
    public int Append(int item, UserSequence sequence, ModelItems model)
    {
        _items.Add(item);
        _hasOthers |= IsOther(item, model);
        var dropped = _items.Count - sequence.Count;
        _items.RemoveRange(0, dropped);
        return dropped;
    }

    /// <summary>Makes the step state ready for the events that it lacks.</summary>
    /// <param name="accepted">Events that the sequence has accepted.</param>
    /// <returns>Where in <see cref="Items"/> those begin; null if there is nothing to encode.</returns>
    public int? BeginSteps(IStepEncoder step, long accepted, int window)
    {
        var start = EncodingWindow.Start(accepted, window);
        if (_state?.Length != step.StateWidth)
        {
            (_state, _through) = (new float[step.StateWidth], 0);
        }
        CpuPrefetch.Of(_state, 0, step.StateWidth);
        if (_through > 0 && _from == start)
        {
            var lacking = First(_through, accepted);
            if (Items[lacking..].ContainsAnyExcept(0))
            {
                return lacking;
            }
        }
        // A new block, a late event, or nothing new: a vector is only made by a step.
        step.Start(_state);
        (_from, _through) = (start, 0);
        var first = First(start, accepted);
        return Items[first..].ContainsAnyExcept(0) ? first : null;
    }

    public void EndSteps(long accepted) => _through = accepted;

    // Where the accepted event of a number stands among the kept ones.
    private readonly int First(long number, long accepted) =>
        (int)Math.Clamp(_items.Count - (accepted - number), 0, _items.Count);
}
