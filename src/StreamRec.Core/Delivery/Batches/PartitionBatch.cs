using System.Runtime.InteropServices;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Batches;

/// <summary>
/// One batch of a partition, as its processor sees it: records in, users found in memory or read, lists out. Made once
/// and used for one batch after another, so that its buffers are, too.
/// </summary>
/// <remarks>
/// By one thread at a time. The partition abandons it, and has another one made, whenever something may still be under
/// way in it: what was lent to the store is not written again.
/// </remarks>
public abstract class PartitionBatch
{
    private readonly Dictionary<string, int> _slots = new(Utf8TextComparer.Instance);
    private readonly List<UserState?> _users = [];
    private readonly List<string> _names = [];
    private readonly List<string> _missing = [];
    private readonly List<int> _missingSlots = [];
    private readonly List<int> _hashes = [];
    private StateCache? _cache;

    /// <summary>The batch's records, in the order of the log.</summary>
    public IReadOnlyList<LogRecord> Records => Log;

    /// <summary>Users whose states must be read: distinct.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Distinct users of the batch.</summary>
    public int UserCount => _users.Count;

    internal List<LogRecord> Log { get; } = [];

    /// <summary>
    /// Computes the batch. Must depend on nothing but the records, the states and the model. What poisons a record
    /// becomes a dead letter; an exception halts the partition.
    /// </summary>
    /// <remarks>
    /// Takes as long as it takes: the partition decides on which thread, and goes on without it where it must.
    /// </remarks>
    /// <param name="claim">For naming what a list includes, no more; so is <paramref name="generation"/>.</param>
    public abstract BatchResult Compute(Claim claim, int generation);

    /// <summary>
    /// Reads the records, once, and calls <see cref="Slot"/> for each that concerns a user. On the partition's loop.
    /// </summary>
    protected abstract void Read();

    /// <summary>
    /// Wraps what the store holds of a user, null for nothing. On the partition's loop: may not throw; what is no state
    /// is told when the batch is computed.
    /// </summary>
    /// <param name="spare">A state made by this method that has left memory, to be used again; null for none.</param>
    protected abstract UserState Wrap(string userId, byte[]? stored, UserState? spare);

    /// <summary>Forgets the batch that was written.</summary>
    protected virtual void Reset() { }

    /// <summary>The user's place in the batch, from 0, in the order of first mention.</summary>
    /// <param name="user">The id in valid UTF-8.</param>
    protected int Slot(ReadOnlySpan<byte> user)
    {
        if (_slots.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(user, out var slot))
        {
            return slot;
        }
        slot = _users.Count;
        var state = _cache!.Find(user);
        var name = state?.UserId ?? Utf8TextComparer.Instance.Create(user);
        _slots.Add(name, slot);
        _names.Add(name);
        _users.Add(state);
        if (state is null)
        {
            _missing.Add(name);
            _missingSlots.Add(slot);
        }
        return slot;
    }

    /// <summary>A user's id.</summary>
    protected string UserIdOf(int slot) => _names[slot];

    /// <summary>A user's state, once all have been read.</summary>
    protected UserState StateOf(int slot) => _users[slot]!;

    /// <summary>Reads the records and looks their users up in memory.</summary>
    internal void Gather(StateCache cache)
    {
        _cache = cache;
        _hashes.Clear();
        foreach (var record in Log)
        {
            // As a rule the id of the user whom it concerns.
            _hashes.Add(Utf8TextComparer.Instance.GetHashCode(record.Key.Span));
        }
        cache.Prefetch(CollectionsMarshal.AsSpan(_hashes));
        Read();
        _cache = null;
    }

    /// <summary>Takes in what was read, in the order of <see cref="Missing"/>.</summary>
    internal void Fill(IReadOnlyList<byte[]?> read, StateCache cache)
    {
        for (var i = 0; i < read.Count; i++)
        {
            var state = Wrap(_missing[i], read[i], cache.TakeSpare(UserCount));
            _users[_missingSlots[i]] = state;
            cache.Add(state);
        }
    }

    /// <summary>Takes users without records, whose lists are to be computed again from their states.</summary>
    internal void Recall(DirtyAnswer dirty)
    {
        for (var i = 0; i < dirty.Users.Count; i++)
        {
            _names.Add(dirty.Users[i].UserId);
            _users.Add(Wrap(dirty.Users[i].UserId, dirty.States[i], null));
        }
    }

    internal void Clear()
    {
        Log.Clear();
        _slots.Clear();
        _users.Clear();
        _names.Clear();
        _missing.Clear();
        _missingSlots.Clear();
        Reset();
    }
}
