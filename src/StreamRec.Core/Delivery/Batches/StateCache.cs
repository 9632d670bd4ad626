using StreamRec.Binary;
using StreamRec.Numerics.Memory;

namespace StreamRec.Delivery.Batches;

/// <summary>
/// The states of the users last seen on a partition, the least recently used leave first. Owned by the partition's
/// loop.
/// </summary>
/// <remarks>
/// A hash table and a list whose links lie in the states themselves: once it is full, nothing is made and nothing
/// becomes garbage.
/// </remarks>
internal sealed class StateCache(int capacity)
{
    // As many as states or more, a power of two; a partition that is never assigned makes no more than one.
    private UserState?[] _buckets = [null];
    private UserState? _newest;
    private UserState? _oldest;

    public int Count { get; private set; }

    /// <summary>
    /// Finds the state of a user, by the id's UTF-8 bytes, and makes it the newest; null where it must be read.
    /// </summary>
    public UserState? Find(ReadOnlySpan<byte> user)
    {
        var hash = Utf8TextComparer.Instance.GetHashCode(user);
        var state = Bucket(hash);
        while (state is not null && (state.Hash != hash || !state.Id.SequenceEqual(user)))
        {
            state = state.Next;
        }
        if (state is not null)
        {
            Unlink(state);
            LinkNewest(state);
        }
        return state;
    }

    /// <summary>
    /// Asks ahead for what <see cref="Find"/> looks at: buckets, then states, then ids and neighbours, each of all
    /// users at once.
    /// </summary>
    /// <param name="hashes">The hashes of the users' ids.</param>
    public void Prefetch(ReadOnlySpan<int> hashes)
    {
        foreach (var hash in hashes)
        {
            CpuPrefetch.Of(_buckets, BucketOf(hash), 1);
        }
        foreach (var hash in hashes)
        {
            UserState.Prefetch(Bucket(hash));
        }
        foreach (var hash in hashes)
        {
            Bucket(hash)?.FetchNeighbours();
        }
    }

    /// <summary>Adds a user that is not there.</summary>
    public void Add(UserState state)
    {
        if (Count == _buckets.Length)
        {
            Grow();
        }
        Chain(state);
        LinkNewest(state);
        Count++;
        if (Count > capacity)
        {
            RemoveOldest();
        }
    }

    /// <summary>
    /// Takes out the state that the next <see cref="Add"/> would push out; null where that pushes out none.
    /// </summary>
    /// <param name="inUse">So many of the newest must stay: null where one of them would have to go.</param>
    public UserState? TakeSpare(int inUse) => Count < capacity || Count <= inUse ? null : RemoveOldest();

    public void Clear()
    {
        _buckets = [null];
        _newest = _oldest = null;
        Count = 0;
    }

    private void Grow()
    {
        _buckets = new UserState?[2 * _buckets.Length];
        for (var state = _newest; state is not null; state = state.Older)
        {
            Chain(state);
        }
    }

    private void Chain(UserState state)
    {
        ref var bucket = ref Bucket(state.Hash);
        (state.Next, bucket) = (bucket, state);
    }

    private ref UserState? Bucket(int hash) => ref _buckets[BucketOf(hash)];

    private int BucketOf(int hash) => hash & (_buckets.Length - 1);

    private UserState RemoveOldest()
    {
        var oldest = _oldest!;
        ref var bucket = ref Bucket(oldest.Hash);
        if (bucket == oldest)
        {
            bucket = oldest.Next;
        }
        else
        {
            var before = bucket!;
            while (before.Next != oldest)
            {
                before = before.Next!;
            }
            before.Next = oldest.Next;
        }
        Unlink(oldest);
        Count--;
        return oldest;
    }

    private void LinkNewest(UserState state)
    {
        (state.Newer, state.Older) = (null, _newest);
        if (_newest is null)
        {
            _oldest = state;
        }
        else
        {
            _newest.Newer = state;
        }
        _newest = state;
    }

    private void Unlink(UserState state)
    {
        if (state.Newer is null)
        {
            _newest = state.Older;
        }
        else
        {
            state.Newer.Older = state.Older;
        }
        if (state.Older is null)
        {
            _oldest = state.Newer;
        }
        else
        {
            state.Older.Newer = state.Newer;
        }
    }
}
