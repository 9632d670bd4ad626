using System.Runtime.InteropServices;
using StreamRec.Events;

namespace StreamRec.Training.Data;

/// <summary>
/// Every user's items in order of (time, event id), duplicates removed. Item indices follow the ids' ordinal order.
/// </summary>
public sealed class SequenceData
{
    private const int MostTypesTold = 20;

    private SequenceData(
        string[] itemIds,
        string[] userIds,
        ReadOnlyMemory<int>[] sequences,
        ReadOnlyMemory<long>[] times,
        IReadOnlyList<string>[] segments,
        IReadOnlySet<string> types
    )
    {
        (ItemIds, UserIds, Sequences, Times, Types) = (itemIds, userIds, sequences, times, types);
        Segments = segments;
        Events = sequences.Sum(sequence => (long)sequence.Length);
    }

    /// <summary>N+1 ids; the one at 0 is padding and empty.</summary>
    public IReadOnlyList<string> ItemIds { get; }

    /// <summary>The users in ordinal order of their ids.</summary>
    public IReadOnlyList<string> UserIds { get; }

    /// <summary>Item indices in 1..N of each user, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Sequences { get; }

    /// <summary>The same events' times in milliseconds.</summary>
    public IReadOnlyList<ReadOnlyMemory<long>> Times { get; }

    /// <summary>
    /// What kinds of users each one is of: the segments of the newest of the user's events that names any.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Segments { get; }

    /// <summary>N.</summary>
    public int Items => ItemIds.Count - 1;

    public long Events { get; }

    /// <summary>The event types that were read; empty: all.</summary>
    public IReadOnlySet<string> Types { get; }

    /// <summary>
    /// Reads all events once; their order does not matter. What is kept of them is <see cref="EventColumns"/>.
    /// </summary>
    /// <param name="types">Event types to take; empty: all.</param>
    /// <exception cref="StreamRecException">There are events, and none is of the types.</exception>
    public static SequenceData From(
        IEnumerable<ClickEvent> events,
        IReadOnlySet<string>? types = null,
        CancellationToken cancel = default
    )
    {
        types ??= new HashSet<string>();
        var columns = new EventColumns();
        var others = new HashSet<string>();
        var any = false;
        foreach (var click in events)
        {
            cancel.ThrowIfCancellationRequested();
            if (types.Count == 0 || types.Contains(click.Type))
            {
                columns.Add(click);
                any = true;
            }
            else if (others.Count < MostTypesTold)
            {
                others.Add(click.Type);
            }
        }
        if (!any && others.Count > 0)
        {
            throw new StreamRecException(
                $"No event is of the types {string.Join(", ", types)}; "
                    + $"there are {string.Join(", ", others.Order(StringComparer.Ordinal))}.",
                FaultKind.Input
            );
        }
        (var itemIds, var userIds, var sequences, var times, var segments) = columns.Build();
        return new SequenceData(itemIds, userIds, sequences, times, segments, types);
    }

    /// <summary>
    /// Without items of fewer than <paramref name="itemEvents"/> events, and then without users of fewer than
    /// <paramref name="userEvents"/>.
    /// </summary>
    public SequenceData WithMinimumCounts(int itemEvents, int userEvents)
    {
        if (itemEvents <= 1 && userEvents <= 1)
        {
            return this;
        }
        var counts = Counts();
        var users = new List<string>();
        var sequences = new List<ReadOnlyMemory<int>>();
        var times = new List<ReadOnlyMemory<long>>();
        var segments = new List<IReadOnlyList<string>>();
        for (var user = 0; user < Sequences.Count; user++)
        {
            var all = Sequences[user].ToArray();
            int[] places = [.. Enumerable.Range(0, all.Length).Where(at => counts[all[at]] >= itemEvents)];
            if (places.Length > 0 && places.Length >= userEvents)
            {
                users.Add(UserIds[user]);
                segments.Add(Segments[user]);
                sequences.Add(Array.ConvertAll(places, at => all[at]));
                var at = Times[user].ToArray();
                times.Add(Array.ConvertAll(places, place => at[place]));
            }
        }
        return new SequenceData(
            [.. ItemIds],
            [.. users],
            [.. sequences],
            [.. times],
            [.. segments],
            Types
        ).WithPrefixes(sequences);
    }

    /// <summary>The same users without their events on some items, and without those items.</summary>
    public SequenceData Without(IReadOnlySet<int> items)
    {
        var sequences = new ReadOnlyMemory<int>[Sequences.Count];
        var times = new ReadOnlyMemory<long>[Sequences.Count];
        for (var user = 0; user < sequences.Length; user++)
        {
            var (all, at) = (Sequences[user].ToArray(), Times[user].ToArray());
            sequences[user] = all.Where(item => !items.Contains(item)).ToArray();
            times[user] = at.Where((_, place) => !items.Contains(all[place])).ToArray();
        }
        return new SequenceData([.. ItemIds], [.. UserIds], sequences, times, [.. Segments], Types).WithPrefixes(
            sequences
        );
    }

    /// <summary>
    /// The same users with the beginnings of their sequences, a split's training part, and only the items that occur in
    /// them.
    /// </summary>
    public SequenceData WithPrefixes(IReadOnlyList<ReadOnlyMemory<int>> prefixes)
    {
        var counts = Counts(prefixes, Items);
        var indices = new int[ItemIds.Count];
        var ids = new List<string> { "" };
        for (var item = 1; item < indices.Length; item++)
        {
            if (counts[item] > 0)
            {
                indices[item] = ids.Count;
                ids.Add(ItemIds[item]);
            }
        }
        return new SequenceData(
            [.. ids],
            [.. UserIds],
            [
                .. prefixes.Select(prefix => new ReadOnlyMemory<int>(
                    Array.ConvertAll(prefix.ToArray(), item => indices[item])
                )),
            ],
            [.. Times.Select((times, user) => times[..prefixes[user].Length])],
            [.. Segments],
            Types
        );
    }

    /// <summary>How often each item occurs: N+1 counts, 0 at index 0.</summary>
    public long[] Counts() => Counts(Sequences, Items);

    /// <summary>How often each of N items occurs in some sequences: N+1 counts, 0 at index 0.</summary>
    public static long[] Counts(IReadOnlyList<ReadOnlyMemory<int>> sequences, int items)
    {
        var counts = new long[items + 1];
        foreach (var sequence in sequences)
        {
            foreach (var item in sequence.Span)
            {
                counts[item]++;
            }
        }
        return counts;
    }

    /// <summary>
    /// Of the events that have one before, the share whose item stands in the user's last <paramref name="kept"/>
    /// events: next items that no list could hold if it left those out. 0 where no event has one before.
    /// </summary>
    public double RepeatShare(int kept)
    {
        long next = 0,
            repeats = 0;
        var among = new Dictionary<int, int>();
        foreach (var sequence in Sequences)
        {
            var items = sequence.Span;
            among.Clear();
            for (var at = 0; at < items.Length; at++)
            {
                if (at > kept && --CollectionsMarshal.GetValueRefOrAddDefault(among, items[at - kept - 1], out _) == 0)
                {
                    among.Remove(items[at - kept - 1]);
                }
                next += at > 0 ? 1 : 0;
                repeats += among.ContainsKey(items[at]) ? 1 : 0;
                CollectionsMarshal.GetValueRefOrAddDefault(among, items[at], out _)++;
            }
        }
        return next == 0 ? 0 : repeats / (double)next;
    }

    /// <summary>All events, in no order that says anything.</summary>
    public IEnumerable<(string UserId, string ItemId, long TimeMs)> All() =>
        Sequences.SelectMany(
            (sequence, user) =>
                Enumerable
                    .Range(0, sequence.Length)
                    .Select(at => (UserIds[user], ItemIds[sequence.Span[at]], Times[user].Span[at]))
        );
}
