using StackExchange.Redis;

namespace StreamRec.Client;

/// <summary>A list as Redis held it at a time.</summary>
internal readonly record struct KnownList(RedisValue Value, DateTimeOffset AsOf);

/// <summary>
/// The lists that were read last, of as many users as were asked for most lately. Safe for any number of threads.
/// </summary>
internal sealed class LastKnownLists(int most)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, KnownList List)> _newestFirst = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, KnownList List)>> _byKey = new(
        StringComparer.Ordinal
    );

    public void Keep(string key, RedisValue value, DateTimeOffset now)
    {
        if (most == 0)
        {
            return;
        }
        lock (_lock)
        {
            Remove(key);
            if (_byKey.Count == most)
            {
                Remove(_newestFirst.Last!.Value.Key);
            }
            _byKey.Add(key, _newestFirst.AddFirst((key, new(value, now))));
        }
    }

    public void Forget(string key)
    {
        if (most == 0)
        {
            return;
        }
        lock (_lock)
        {
            Remove(key);
        }
    }

    public KnownList? Of(string key)
    {
        if (most == 0)
        {
            return null;
        }
        lock (_lock)
        {
            return _byKey.TryGetValue(key, out var node) ? node.Value.List : null;
        }
    }

    private void Remove(string key)
    {
        if (_byKey.Remove(key, out var node))
        {
            _newestFirst.Remove(node);
        }
    }
}
