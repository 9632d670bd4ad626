using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>How much may go wrong in a search.</summary>
/// <param name="Assignments">Assignments, the first one included.</param>
/// <param name="Departures">Revocations and losses.</param>
/// <param name="Delays">Calls that time out and arrive later, or never.</param>
/// <param name="LostAnswers">Calls that are carried out and not answered.</param>
/// <param name="Rollbacks">0 or 1: to any earlier state.</param>
/// <param name="Jumps">Times that the consumer skips records.</param>
internal readonly record struct Bounds(
    int Assignments,
    int Departures,
    int Delays,
    int LostAnswers,
    int Rollbacks,
    int Jumps,
    int Reconnects
)
{
    /// <summary>0 or 1: times that the shard of the list falls back to what its replica has.</summary>
    public int ListRollbacks { get; init; }

    /// <summary>Times that the replica does not get a list in time.</summary>
    public int Unsafe { get; init; }

    /// <summary>B's settings are not those that the states are shaped by.</summary>
    public bool OtherSettings { get; init; }

    /// <summary>0 to 2. Workers take a newer model each when it will, and seals arrive in any order.</summary>
    public int Promotions { get; init; }

    /// <summary>0 or 1: times that the shard of the pointer falls back by a promotion.</summary>
    public int PointerRollbacks { get; init; }

    /// <summary>0 to 2: steps that change the first user's state and leave <c>n</c> where it is.</summary>
    public int Renewals { get; init; }

    /// <summary>Whether workers check idly.</summary>
    public bool NoIdleChecks { get; init; }
}

/// <summary>A log of a few offsets; the users of even and odd ones differ where <paramref name="TwoUsers"/>.</summary>
/// <param name="Records">Bit i: offset i holds a record; else a control record.</param>
internal readonly record struct SmallLog(int Length, int Records, bool TwoUsers)
{
    public bool IsRecord(long offset) => (Records >> (int)offset & 1) == 1;

    public int User(long offset) => TwoUsers ? (int)offset & 1 : 0;

    public long Next(long offset)
    {
        while (offset < Length && !IsRecord(offset))
        {
            offset++;
        }
        return offset;
    }

    /// <summary>
    /// The version of a user's state after the log's first <paramref name="n"/> offsets: its last record, counted from
    /// 1.
    /// </summary>
    public int Version(int user, long n)
    {
        var version = 0;
        for (var o = 0; o < n; o++)
        {
            version = IsRecord(o) && User(o) == user ? o + 1 : version;
        }
        return version;
    }

    /// <summary>The state of a user after the log's first <paramref name="n"/> offsets.</summary>
    public Applied Fold(int user, long n)
    {
        var applied = default(Applied);
        for (var o = 0; o < n; o++)
        {
            applied = IsRecord(o) && User(o) == user ? applied.Add(o) : applied;
        }
        return applied;
    }
}

/// <summary>A user's state: how often each offset was applied, two bits each, so that nothing hides a double.</summary>
/// <param name="Mark">The last renewal, a step that left <c>n</c> as it was: numbered as they are begun.</param>
internal readonly record struct Applied(int Counts, int Mark = 0)
{
    public Applied Add(long offset)
    {
        var shift = 2 * (int)offset;
        return (Counts >> shift & 3) == 3 ? this : this with { Counts = Counts + (1 << shift) };
    }

    /// <summary>The last offset applied, counted from 1; 0: none.</summary>
    public int Version => Counts == 0 ? 0 : (31 - System.Numerics.BitOperations.LeadingZeroCount((uint)Counts)) / 2 + 1;
}

/// <summary>What the store holds of the one partition.</summary>
internal record struct SmallStore(int N, int Claim, Applied First, Applied Second)
{
    /// <summary>Steps that wrote anything.</summary>
    public int Seq { get; set; }

    public readonly StorePlace Place => new(N, Seq);

    /// <summary>The partition's promotion.</summary>
    public int Promotion { get; set; }

    /// <summary>The largest promotion that it was sealed for, whatever the script made of it.</summary>
    public int Sealed { get; set; }

    /// <summary>The version at which the user became dirty; 0: clean.</summary>
    public int Dirty { get; set; }

    public readonly Applied this[int user] => user == 0 ? First : Second;

    public void Write(int user, Applied? state)
    {
        if (state is { } s)
        {
            (First, Second) = user == 0 ? (s, Second) : (First, s);
        }
    }
}

/// <summary>
/// The list of the one user, on a shard of its own: its state's version, and the claim that wrote it.
/// </summary>
/// <param name="Promotion">Of the model that made it.</param>
internal readonly record struct SmallList(int Version, int Claim, int Promotion)
{
    /// <summary>It was written when the partition was sealed for a later promotion already.</summary>
    public bool Belated { get; init; }

    /// <summary>What the script finds, by its rules.</summary>
    public bool IsNewerThan(in SmallList other, StoreRules rules)
    {
        if (Version != other.Version && rules.CompareOffset)
        {
            return Version > other.Version;
        }
        var byPromotion = rules.ComparePromotion ? Promotion.CompareTo(other.Promotion) : 0;
        var byClaim = rules.CompareClaim ? Claim.CompareTo(other.Claim) : 0;
        return (rules.PromotionBeforeClaim ? (byPromotion, byClaim) : (byClaim, byPromotion)).CompareTo((0, 0)) > 0;
    }
}

/// <summary>A call that a worker waits for.</summary>
internal enum Call
{
    None,
    Claim,
    Gap,
    Read,
    Step,
    LoadDirty,
    Publish,
    Clear,
}

/// <summary>A worker: the product's state, and what its driver holds.</summary>
internal record struct SmallWorker
{
    public PartitionState State;
    public Call Call;
    public int Fetch;
    public int Batch;
    public Applied? Cached0,
        Cached1;
    public Applied? Write0,
        Write1;

    /// <summary>The promotion of the worker's model.</summary>
    public int Model;

    /// <summary>The promotion of what is under way: of the model that computed it, or that a claim names.</summary>
    public int Lease;

    /// <summary>The version of the list being published, and the dirty entry to clear then.</summary>
    public int Publishing,
        Clearing;
}

/// <summary>A call that its worker gave up and that may still arrive.</summary>
internal record struct LateCall(Call Call, int Worker, int Claim, int From, int To, Applied? Write0, Applied? Write1)
{
    /// <summary>The steps that a step names before it.</summary>
    public int Seq { get; init; }

    /// <summary>Of the model that computed it, or that a claim names.</summary>
    public int Lease { get; init; }

    /// <summary>The promotion that a step names.</summary>
    public int Named { get; init; }
}

/// <summary>Everything at one moment. A value.</summary>
internal record struct SmallWorld
{
    public SmallStore Store;
    public SmallStore Saved;

    /// <summary>The list, and what the replica of its shard has.</summary>
    public SmallList List,
        Replica;

    /// <summary>What is promoted.</summary>
    public int Pointer;

    /// <summary>The largest n that ever was, rolled back or not.</summary>
    public int Reached;

    /// <summary>The last renewal that the store ever held.</summary>
    public int Renewed;
    public bool HasSaved;
    public SmallWorker A,
        B;
    public LateCall Late;
    public Bounds Left;

    public static int Id(Claim claim) => (int)claim.Number;

    /// <summary>
    /// Renames claims, keeping their order where lists are compared by it; else only their equality matters.
    /// </summary>
    public void Canonize(bool ordered)
    {
        Span<int> names = stackalloc int[8];
        var count = 0;
        if (ordered)
        {
            ReadOnlySpan<int> claims =
            [
                Store.Claim,
                Saved.Claim,
                List.Claim,
                Replica.Claim,
                Id(A.State.Claim),
                Id(B.State.Claim),
                Late.Claim,
            ];
            for (var claim = 1; claim <= FreshClaim(); claim++)
            {
                if (claims.Contains(claim))
                {
                    Name(claim, names, ref count);
                }
            }
        }
        List = List with { Claim = Name(List.Claim, names, ref count) };
        Replica = Replica with { Claim = Name(Replica.Claim, names, ref count) };
        Store.Claim = Name(Store.Claim, names, ref count);
        Saved.Claim = Name(Saved.Claim, names, ref count);
        A.State = A.State with { Ticket = 0, Claim = new(Name(Id(A.State.Claim), names, ref count), default) };
        B.State = B.State with { Ticket = 0, Claim = new(Name(Id(B.State.Claim), names, ref count), default) };
        Late.Claim = Name(Late.Claim, names, ref count);
        A.Lease = A.Call == Call.None ? 0 : A.Lease;
        B.Lease = B.Call == Call.None ? 0 : B.Lease;
        CanonizeSeqs();
    }

    // Whether one of them is another, or its next, is all that is asked; and those of nobody are 0.
    private void CanonizeSeqs()
    {
        var (a, b) = (Id(A.State.Claim) > 0, Id(B.State.Claim) > 0);
        var late = Late.Call == Call.Step;
        Span<int> seqs =
        [
            Store.Seq,
            HasSaved ? Saved.Seq : Store.Seq,
            a ? (int)A.State.Seq : Store.Seq,
            b ? (int)B.State.Seq : Store.Seq,
            late ? Late.Seq : Store.Seq,
        ];
        seqs.Sort();
        A.State = A.State with { Seq = a ? Ranked((int)A.State.Seq, seqs) : 0 };
        B.State = B.State with { Seq = b ? Ranked((int)B.State.Seq, seqs) : 0 };
        Late = Late with { Seq = late ? Ranked(Late.Seq, seqs) : 0 };
        Saved.Seq = HasSaved ? Ranked(Saved.Seq, seqs) : 0;
        Store.Seq = Ranked(Store.Seq, seqs);
    }

    private static int Ranked(int seq, ReadOnlySpan<int> sorted)
    {
        var rank = 0;
        for (var i = 1; i < sorted.Length && sorted[i] <= seq; i++)
        {
            rank += Math.Min(2, sorted[i] - sorted[i - 1]);
        }
        return rank;
    }

    /// <summary>A claim above all that occur.</summary>
    public readonly int FreshClaim() => 8;

    private static int Name(int id, Span<int> names, ref int count)
    {
        if (id == 0)
        {
            return 0;
        }
        var at = names[..count].IndexOf(id);
        if (at < 0)
        {
            names[at = count++] = id;
        }
        return at + 1;
    }
}
