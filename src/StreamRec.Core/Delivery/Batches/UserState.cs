using StreamRec.Binary;
using StreamRec.Numerics.Memory;

namespace StreamRec.Delivery.Batches;

/// <summary>What a processor keeps in memory of one user between batches; the pipeline does not look inside.</summary>
/// <remarks>
/// It is changed in place while a batch is computed, ahead of the store. That is safe because a step that is not
/// applied drops the partition's cache, and with it every state that the step had touched.
/// It should refer to nothing that is made anew for each event or each user: an old object that refers to young ones is
/// what a collection of the young ones takes longest for. The text of the id is made once, for a user that comes again.
/// </remarks>
public abstract class UserState
{
    // Of a state and what is derived of it, about.
    private const int Bytes = 128;

    private byte[] _id = [];
    private int _idBytes;
    private string? _name;

    protected UserState(string userId)
    {
        Rename(userId);
        _name = userId;
    }

    /// <summary>The user's id.</summary>
    public string UserId => _name ??= System.Text.Encoding.UTF8.GetString(Id);

    /// <summary>The user's id in UTF-8; valid until it is renamed.</summary>
    internal ReadOnlySpan<byte> Id => _id.AsSpan(0, _idBytes);

    // Owned by the cache: the id's hash, the next one of its bucket, and the neighbours in the order of use.
    internal int Hash { get; private set; }
    internal UserState? Next { get; set; }
    internal UserState? Newer { get; set; }
    internal UserState? Older { get; set; }

    /// <summary>Asks ahead for a state, which is not looked at, not even for whether it is there.</summary>
    internal static void Prefetch(UserState? state) => CpuPrefetch.Of(state, Bytes);

    /// <summary>Asks ahead for what the cache looks at beside the state.</summary>
    internal void FetchNeighbours()
    {
        CpuPrefetch.Of(_id, 0, _idBytes);
        CpuPrefetch.Of(Newer);
        CpuPrefetch.Of(Older);
    }

    /// <summary>
    /// Takes another user's place: the memory goes on, what it told of the former user must be forgotten. Only for a
    /// state that was made or handed out as a spare, never for one that is in memory.
    /// </summary>
    protected void Rename(string userId)
    {
        // The text at hand is a young object, and whoever passes by once needs no other: made anew for whoever comes
        // again.
        _name = null;
        _idBytes = System.Text.Encoding.UTF8.GetByteCount(userId);
        if (_id.Length < _idBytes)
        {
            _id = new byte[Math.Max(_idBytes, 2 * _id.Length)];
        }
        System.Text.Encoding.UTF8.GetBytes(userId, _id);
        Hash = Utf8TextComparer.Instance.GetHashCode(Id);
    }
}
