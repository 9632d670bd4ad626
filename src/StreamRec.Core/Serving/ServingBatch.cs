using System.Diagnostics;
using StreamRec.Binary;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Ranking;
using StreamRec.Sequences;

namespace StreamRec.Serving;

/// <summary>A batch on its way: event → sequence → encode → rank → list.</summary>
internal sealed class ServingBatch(Recommender recommender, PartitionIdentity partition) : PartitionBatch
{
    // Users that are worth another thread.
    private const int LeastShare = 32;

    private readonly List<Arrival> _arrivals = [];
    private readonly List<DeadLetter> _letters = [];
    private readonly SlabBuffer[] _texts =
    [
        .. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SlabBuffer()),
    ];
    private readonly List<UserWrite> _writes = [];
    private ServedUser[] _users = [];
    private LastEvent[] _newest = [];
    private ReadOnlyMemory<byte>[] _lists = [];
    private VarintWriter _state = new(1024);

    public override ValueTask<BatchResult> ProcessAsync(Claim claim, int generation, CancellationToken cancel)
    {
        if (_users.Length < UserCount)
        {
            (_users, _newest, _lists) = (
                new ServedUser[UserCount],
                new LastEvent[UserCount],
                new ReadOnlyMemory<byte>[UserCount]
            );
        }
        Array.Clear(_lists);
        FindUsers();
        foreach (var arrival in _arrivals)
        {
            Apply(_users[arrival.Slot], arrival);
        }
        // Before the search, which leaves little of the sequences in the processor's cache.
        for (var slot = 0; slot < UserCount; slot++)
        {
            var sequence = _users[slot].Sequence;
            _newest[slot] =
                sequence.Count == 0 ? default : new LastEvent(sequence[sequence.Count - 1].TimeMs, sequence.NewestId);
            _writes.Add(
                new UserWrite(
                    UserIdOf(slot),
                    State(_users[slot]),
                    default,
                    new(sequence.LastEpoch, sequence.LastOffset)
                )
            );
        }
        var began = Stopwatch.GetTimestamp();
        var encoded = began;
        recommender.Encode(
            _users.AsSpan(0, UserCount),
            encoding =>
            {
                encoded = Stopwatch.GetTimestamp();
                Rank(encoding, claim, generation);
            }
        );
        recommender.Tell(
            new(Records.Count, Stopwatch.GetElapsedTime(began, encoded), Stopwatch.GetElapsedTime(encoded))
        );
        for (var slot = 0; slot < UserCount; slot++)
        {
            _writes[slot] = _writes[slot] with { List = _lists[slot] };
        }
        return ValueTask.FromResult(new BatchResult(_writes, _letters.Count == 0 ? [] : [.. _letters]));
    }

    protected override void Read()
    {
        for (var i = 0; i < Records.Count; i++)
        {
            if (recommender.Reader.TryRead(partition, Records[i], out var click, out var refused))
            {
                _arrivals.Add(
                    new Arrival(i, Slot(click.UserId.Span), recommender.Bundle.IndexOf(click.ItemId.Span), click)
                );
            }
            else if (refused is { } letter)
            {
                _letters.Add(letter);
            }
            else
            {
                recommender.Counters.CountUnwanted();
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
        _arrivals.Clear();
        _letters.Clear();
        _writes.Clear();
        Array.ForEach(_texts, text => text.Reset());
    }

    // Users lie anywhere in memory: each level of all of them is on its way before one is looked at.
    private void FindUsers()
    {
        for (var slot = 0; slot < UserCount; slot++)
        {
            UserState.Fetch(StateOf(slot));
        }
        for (var slot = 0; slot < UserCount; slot++)
        {
            _users[slot] = (ServedUser)StateOf(slot);
        }
        for (var level = 0; level < ServedUser.Levels; level++)
        {
            for (var slot = 0; slot < UserCount; slot++)
            {
                _users[slot].Fetch(level);
            }
        }
        for (var slot = 0; slot < UserCount; slot++)
        {
            _users[slot].Open(recommender.Bundle);
        }
    }

    private void Apply(ServedUser user, in Arrival arrival)
    {
        var record = Records[arrival.Record];
        var outcome = user.Apply(arrival.Click, arrival.Item, record, recommender.Options.Sequence, recommender.Bundle);
        recommender.Counters.Count(outcome, arrival.Item > 0);
        if (outcome == ApplyOutcome.IdConflict)
        {
            _letters.Add(
                new DeadLetter(
                    record,
                    EventReason.IdConflict.Code(),
                    "The event's id stands in the user's sequence at another time."
                )
            );
        }
    }

    private ReadOnlyMemory<byte> State(ServedUser user)
    {
        _state.Clear();
        user.Write(ref _state);
        _state.Written.CopyTo(_texts[0].Reserve(_state.Length));
        return _texts[0].Take(_state.Length);
    }

    // A large batch is ranked on its even part of the processors, by how many batches run as it begins: encoding is
    // little, ranking is most of the work. Shares that wait for each other on a busy machine leave processors idle.
    private void Rank(UserEncoding encoding, Claim claim, int generation)
    {
        var count = encoding.Encoded.Count;
        var shares = Math.Clamp(count / LeastShare, 1, Math.Max(1, _texts.Length / recommender.Busy));
        if (shares == 1)
        {
            Rank(encoding, 0, count, _texts[0], claim, generation);
            return;
        }
        Parallel.For(
            0,
            shares,
            share =>
                Rank(encoding, count * share / shares, count * (share + 1) / shares, _texts[share], claim, generation)
        );
    }

    private void Rank(UserEncoding encoding, int first, int last, SlabBuffer texts, Claim claim, int generation)
    {
        var workspace = recommender.Workspaces.Rent();
        workspace.Search.Begin(last - first);
        for (var place = first; place < last; place++)
        {
            workspace.Search.Add(
                encoding.Vector(place),
                recommender.Eligibility.Excluded(_users[encoding.Encoded[place]].Items)
            );
        }
        workspace.Search.Search(workspace.Items.Length);
        List<int>? sawAll = null;
        for (var place = first; place < last; place++)
        {
            var count = workspace.List(place - first);
            if (count == 0 && recommender.Options.ExcludeSeen)
            {
                (sawAll ??= []).Add(place);
                continue;
            }
            Write(ListKinds.Model, encoding.Encoded[place], workspace, count, texts, claim, generation);
        }
        var ofSeen = sawAll?.Count ?? 0;
        recommender.Counters.CountLists(last - first - ofSeen, ofSeen);
        if (sawAll is not null)
        {
            RankSeen(sawAll, encoding, workspace, texts, claim, generation);
        }
        recommender.Workspaces.Return(workspace);
    }

    // Of a catalogue that a user has seen to its end: better those items again, and called so, than nothing to show.
    private void RankSeen(
        List<int> places,
        UserEncoding encoding,
        RankingWorkspace workspace,
        SlabBuffer texts,
        Claim claim,
        int generation
    )
    {
        workspace.Search.Begin(places.Count);
        foreach (var place in places)
        {
            workspace.Search.Add(encoding.Vector(place), []);
        }
        workspace.Search.Search(workspace.Items.Length);
        for (var i = 0; i < places.Count; i++)
        {
            Write(ListKinds.Seen, encoding.Encoded[places[i]], workspace, workspace.List(i), texts, claim, generation);
        }
    }

    private void Write(
        string kind,
        int slot,
        RankingWorkspace workspace,
        int count,
        SlabBuffer texts,
        Claim claim,
        int generation
    )
    {
        var made = recommender.Made(kind, partition, generation, claim, _newest[slot], _writes[slot].Version);
        var text = texts.Reserve(ListWriter.MostBytes(count, recommender.ItemTexts));
        _lists[slot] = texts.Take(
            new ListWriter(text).Write(made, workspace.Items.AsSpan(0, count), workspace.Scores, recommender.ItemTexts)
        );
    }

    /// <param name="Record">Its place in the batch.</param>
    /// <param name="Slot">Its user's place in the batch.</param>
    /// <param name="Item">The event's item as the model knows it; 0 if it does not.</param>
    private readonly record struct Arrival(int Record, int Slot, int Item, EventText Click);
}
