namespace StreamRec.Evaluation;

/// <summary>Test, then learn: before an event is applied, was its item in the user's current list? One thread at a time.</summary>
/// <param name="ranker">What is judged.</param>
/// <param name="listLength">N, the length of the lists.</param>
/// <param name="filterSeen">Leave items that the user has had out of the list.</param>
public sealed class PrequentialEvaluator(IStreamRanker ranker, int listLength, bool filterSeen)
{
    private static readonly HashSet<int> Nothing = [];
    private readonly Dictionary<int, (int Last, HashSet<int> Seen)> _users = [];
    private readonly int[] _list = new int[listLength];

    /// <summary>Ranks of the events that were judged; a rank is the place in the list.</summary>
    public RankingMetrics Metrics { get; } = new();

    /// <summary>Applies an event without judging it: the training part of the stream.</summary>
    public void Learn(int user, int item)
    {
        (int last, HashSet<int> seen) = _users.GetValueOrDefault(user, (0, []));
        ranker.Observe(user, last, item);
        seen.Add(item);
        _users[user] = (item, seen);
    }

    /// <summary>Judges an event, then applies it. The first event of a user, and with a filter a repeated item, is not judged.</summary>
    public void Judge(int user, int item)
    {
        if (_users.TryGetValue(user, out (int Last, HashSet<int> Seen) state) && !(filterSeen && state.Seen.Contains(item)))
        {
            int found = ranker.Rank(user, state.Last, filterSeen ? state.Seen : Nothing, _list);
            int place = _list.AsSpan(0, found).IndexOf(item);
            Metrics.Add(place < 0 ? RankingMetrics.Miss : place + 1);
        }

        Learn(user, item);
    }
}
