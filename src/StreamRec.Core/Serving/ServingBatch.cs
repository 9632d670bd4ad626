using StreamRec.Binary;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Ranking;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>
/// A batch as columns, which <see cref="ServingFlow"/> fills one after the other: by event, by user, and by list. Used
/// for one batch after another.
/// </summary>
internal sealed class ServingBatch(Recommender serving, PartitionIdentity partition) : PartitionBatch
{
    private readonly List<UserWrite> _writes = [];

    // A share's lists, and the states with the first ones.
    private readonly SlabBuffer[] _texts = [.. Enumerable.Range(0, RankingThreads.Most).Select(_ => new SlabBuffer())];
    private int[] _items = [];
    private ServedUser[] _users = [];
    private LastEvent[] _newest = [];
    private ReadOnlyMemory<byte>[] _lists = [];
    private VarintWriter _state = new(1024);

    public PartitionIdentity Partition => partition;

    /// <summary>Events that enter a sequence, in the order of the log.</summary>
    public List<Arrival> Arrivals { get; } = [];

    /// <summary>By arrival: its item as the model knows it; 0 if it does not.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, Arrivals.Count);

    /// <summary>What is refused.</summary>
    public List<DeadLetter> Letters { get; } = [];

    /// <summary>By slot, as is all that follows but <see cref="Ranked"/>.</summary>
    public ReadOnlySpan<ServedUser> Users => _users.AsSpan(0, UserCount);

    /// <summary>The newest event of each user.</summary>
    public ReadOnlySpan<LastEvent> Newest => _newest.AsSpan(0, UserCount);

    /// <summary>States, and what each includes.</summary>
    public IReadOnlyList<UserWrite> Writes => _writes;

    /// <summary>Lists as they are published; empty where the user gets none.</summary>
    public Span<ReadOnlyMemory<byte>> Lists => _lists.AsSpan(0, UserCount);

    /// <summary>By place among the users that were encoded: what was ranked.</summary>
    public RankedItems Ranked { get; } = new();

    public override BatchResult Compute(Claim claim, int generation) =>
        ServingFlow.Run(this, serving, claim, generation);

    /// <summary>Memory for the texts of a share of the batch, one thread's at a time.</summary>
    public SlabBuffer Texts(int share) => _texts[share];

    public string UserId(int slot) => UserIdOf(slot);

    /// <summary>Finds what the events are about: items as they are known, and users in memory.</summary>
    public void Find(ModelItems items)
    {
        if (_items.Length < Arrivals.Count)
        {
            _items = new int[Arrivals.Count];
        }
        if (_users.Length < UserCount)
        {
            (_users, _newest, _lists) = (
                new ServedUser[UserCount],
                new LastEvent[UserCount],
                new ReadOnlyMemory<byte>[UserCount]
            );
        }
        Array.Clear(_lists);
        FindUsers(items);
        for (var i = 0; i < Arrivals.Count; i++)
        {
            _items[i] = items.IndexOf(Arrivals[i].Click.ItemId.Span);
        }
    }

    /// <summary>Notes what the events made of a user: the state is written, and the list says how far it
    /// goes.</summary>
    public void Note(int slot)
    {
        var sequence = _users[slot].Sequence;
        _newest[slot] =
            sequence.Count == 0 ? default : new LastEvent(sequence[sequence.Count - 1].TimeMs, sequence.NewestId);
        _state.Clear();
        _users[slot].Write(ref _state);
        _state.Written.CopyTo(_texts[0].Reserve(_state.Length));
        _writes.Add(
            new UserWrite(
                UserIdOf(slot),
                _texts[0].Take(_state.Length),
                default,
                new(sequence.LastEpoch, sequence.LastOffset)
            )
        );
    }

    /// <summary>Makes room for the lists of the users that were encoded, and returns how many those are.</summary>
    public int BeginLists(int places, int candidates)
    {
        Ranked.Begin(places, candidates);
        return places;
    }

    /// <param name="promotion">Of the model that the lists are made with.</param>
    public BatchResult Result(long promotion)
    {
        for (var slot = 0; slot < UserCount; slot++)
        {
            _writes[slot] = _writes[slot] with { List = _lists[slot], Promotion = promotion };
        }
        return new BatchResult(_writes, Letters.Count == 0 ? [] : [.. Letters]);
    }

    protected override void Read()
    {
        for (var i = 0; i < Records.Count; i++)
        {
            if (serving.Reader.TryRead(partition, Records[i], out var click, out var refused))
            {
                Arrivals.Add(new Arrival(i, Slot(click.UserId.Span), click));
            }
            else if (refused is { } letter)
            {
                Letters.Add(letter);
            }
            else
            {
                serving.Counters.CountUnwanted();
            }
        }
    }

    protected override UserState Wrap(string userId, byte[]? stored, UserState? spare)
    {
        if (spare is not ServedUser user)
        {
            return new ServedUser(userId, stored);
        }
        user.Become(userId, stored);
        return user;
    }

    protected override void Reset()
    {
        Arrivals.Clear();
        Letters.Clear();
        _writes.Clear();
        Array.ForEach(_texts, text => text.Reset());
    }

    // Users lie anywhere in memory: each level of all of them is on its way before one is looked at.
    private void FindUsers(ModelItems items)
    {
        for (var slot = 0; slot < UserCount; slot++)
        {
            UserState.Prefetch(StateOf(slot));
        }
        for (var slot = 0; slot < UserCount; slot++)
        {
            _users[slot] = (ServedUser)StateOf(slot);
        }
        for (var level = 0; level < ServedUser.Levels; level++)
        {
            for (var slot = 0; slot < UserCount; slot++)
            {
                _users[slot].Prefetch(level);
            }
        }
        for (var slot = 0; slot < UserCount; slot++)
        {
            _users[slot].Open(items);
        }
    }
}

/// <param name="Record">Its place in the batch.</param>
/// <param name="Slot">Its user's place in the batch.</param>
internal readonly record struct Arrival(int Record, int Slot, EventText Click);
