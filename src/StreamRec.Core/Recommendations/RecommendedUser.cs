using StreamRec.Pipeline;
using StreamRec.Sequences;

namespace StreamRec.Recommendations;

/// <summary>A user's sequence in memory. Owned by whoever works the partition's batch.</summary>
/// <param name="stored">What the store holds, decoded on first use; null for nothing.</param>
internal sealed class RecommendedUser(string userId, byte[]? stored) : UserState(userId)
{
    private byte[]? _stored = stored;
    private UserSequence? _sequence;

    /// <exception cref="InvalidDataException">What the store holds is no state.</exception>
    public UserSequence Sequence
    {
        get
        {
            if (_sequence is null)
            {
                _sequence = _stored is null ? new UserSequence() : StateCodec.Decode(_stored);
                _stored = null;
            }
            return _sequence;
        }
    }
}
