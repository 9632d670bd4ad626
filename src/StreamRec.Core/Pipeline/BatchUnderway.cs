namespace StreamRec.Pipeline;

/// <summary>The batch that a partition is filling or writing. Owned by the partition's loop.</summary>
internal sealed class BatchUnderway
{
    public List<LogRecord> Records { get; } = [];
    public IReadOnlyList<string> Users { get; private set; } = [];

    /// <summary>Users whose states must be read.</summary>
    public IReadOnlyList<string> Missing { get; private set; } = [];

    public IReadOnlyList<UserWrite> Writes { get; set; } = [];

    private ReadOnlyMemory<byte>?[] _states = [];

    /// <summary>Looks the users up in memory.</summary>
    public void Gather(IReadOnlyList<string> users, StateCache cache)
    {
        List<string> missing = [];
        _states = new ReadOnlyMemory<byte>?[users.Count];
        for (var i = 0; i < users.Count; i++)
        {
            if (!cache.TryGet(users[i], out _states[i]))
            {
                missing.Add(users[i]);
            }
        }

        (Users, Missing) = (users, missing);
    }

    /// <summary>Takes in what was read, in the order of <see cref="Missing"/>.</summary>
    public void Fill(IReadOnlyList<byte[]?> read, StateCache cache)
    {
        for (int i = 0, m = 0; m < Missing.Count; i++)
        {
            if (ReferenceEquals(Users[i], Missing[m]))
            {
                _states[i] = read[m++] is { } state ? state : (ReadOnlyMemory<byte>?)null;
                cache.Put(Users[i], _states[i]);
            }
        }
    }

    public Batch Close(PartitionIdentity partition, Claim claim, int generation) =>
        new(partition, claim, generation, Records, Users, _states);
}
