using StreamRec.Binary;

namespace StreamRec.Pipeline;

/// <summary>The states of the users last seen on a partition, the least recently used leave first. Owned by the partition's loop.</summary>
internal sealed class StateCache(int capacity)
{
    private readonly Dictionary<string, UserState> _byUser = new(Utf8TextComparer.Instance);
    private UserState? _newest;
    private UserState? _oldest;

    public int Count => _byUser.Count;

    /// <summary>Finds the state of a user, by the id's UTF-8 bytes, and makes it the newest; null where it must be read.</summary>
    public UserState? Find(ReadOnlySpan<byte> user)
    {
        if (!_byUser.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(user, out var state))
        {
            return null;
        }

        Unlink(state);
        LinkNewest(state);
        return state;
    }

    /// <summary>Adds a user that is not there.</summary>
    public void Add(UserState state)
    {
        _byUser.Add(state.UserId, state);
        LinkNewest(state);
        if (_byUser.Count > capacity)
        {
            RemoveOldest();
        }
    }

    /// <summary>Takes out the state that the next <see cref="Add"/> would push out; null where that pushes out none.</summary>
    /// <param name="inUse">So many of the newest must stay: null where one of them would have to go.</param>
    public UserState? TakeSpare(int inUse) =>
        _byUser.Count < capacity || _byUser.Count <= inUse ? null : RemoveOldest();

    public void Clear()
    {
        _byUser.Clear();
        _newest = _oldest = null;
    }

    private UserState RemoveOldest()
    {
        var oldest = _oldest!;
        _byUser.Remove(oldest.UserId);
        Unlink(oldest);
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
