using System.Collections.Concurrent;
using RESPite.Messages;

namespace StreamRec.Redis;

/// <summary>The states of an answer, one behind the other, in memory that is used again once they were taken in.</summary>
internal sealed class StateMemory : IDisposable
{
    private static readonly ConcurrentBag<StateMemory> s_idle = [];

    private readonly List<ReadOnlyMemory<byte>?> _states = [];
    private byte[] _bytes = [];
    private int _used;

    private StateMemory()
    {
    }

    /// <summary>Each state; null for none.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>?> States => _states;

    /// <param name="most">Bytes of all states together.</param>
    public static StateMemory Of(int most)
    {
        var memory = s_idle.TryTake(out var idle) ? idle : new StateMemory();
        if (memory._bytes.Length < most)
        {
            memory._bytes = new byte[most];
        }
        return memory;
    }

    /// <summary>Adds the state that the answer stands at. What is no text is no state either: it stands as an empty one, which is refused by its user's name.</summary>
    public void Add(ref RespReader answer)
    {
        if (answer.IsNull)
        {
            _states.Add(null);
            return;
        }
        var length = answer.IsScalar ? answer.CopyTo(_bytes.AsSpan(_used)) : 0;
        _states.Add(_bytes.AsMemory(_used, length));
        _used += length;
    }

    /// <summary>Takes the memory back; once, by whoever has read the states.</summary>
    public void Dispose()
    {
        _states.Clear();
        _used = 0;
        s_idle.Add(this);
    }
}
