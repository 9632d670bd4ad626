namespace StreamRec.Pipeline;

/// <summary>The states of the users last seen on a partition. Owned by the partition's loop.</summary>
internal sealed class StateCache(int capacity)
{
    private readonly Dictionary<string, LinkedListNode<Entry>> _byUser = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();

    public int Count => _byUser.Count;

    /// <summary>Finds a user's state; a user known to have none is found with null.</summary>
    public bool TryGet(string user, out ReadOnlyMemory<byte>? state)
    {
        if (!_byUser.TryGetValue(user, out var node))
        {
            state = null;
            return false;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        state = node.Value.State;
        return true;
    }

    public void Put(string user, ReadOnlyMemory<byte>? state)
    {
        if (_byUser.TryGetValue(user, out var node))
        {
            node.Value = new(user, state);
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return;
        }

        _byUser[user] = _byUse.AddFirst(new Entry(user, state));
        if (_byUser.Count > capacity)
        {
            _byUser.Remove(_byUse.Last!.Value.User);
            _byUse.RemoveLast();
        }
    }

    public void Clear()
    {
        _byUser.Clear();
        _byUse.Clear();
    }

    private readonly record struct Entry(string User, ReadOnlyMemory<byte>? State);
}
