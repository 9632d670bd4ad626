namespace StreamRec.Evaluation;

/// <summary>
/// Test, then learn: before an event is applied, was its item in the user's current list? One thread at a time.
/// </summary>
/// <param name="ranker">What is judged.</param>
/// <param name="listLength">N, the length of the lists.</param>
public sealed class PrequentialEvaluator(IStreamRanker ranker, int listLength)
{
    private static readonly HashSet<int> Nothing = [];
    private readonly Dictionary<int, int> _last = [];
    private readonly int[] _list = new int[listLength];

    /// <summary>Ranks of the events that were judged; a rank is the place in the list.</summary>
    public RankingMetrics Metrics { get; } = new();

    /// <summary>Applies an event without judging it: the training part of the stream.</summary>
    public void Learn(int user, int item)
    {
        ranker.Observe(user, _last.GetValueOrDefault(user), item);
        _last[user] = item;
    }

    /// <summary>Judges an event, then applies it. The first event of a user is not judged.</summary>
    public void Judge(int user, int item)
    {
        if (_last.TryGetValue(user, out var last))
        {
            var found = ranker.Rank(user, last, Nothing, _list);
            var place = _list.AsSpan(0, found).IndexOf(item);
            Metrics.Add(place < 0 ? RankingMetrics.Miss : place + 1, user);
        }
        Learn(user, item);
    }
}
