using StreamRec.Ranking;
using StreamRec.Training.Data;
using StreamRec.Training.Newcomers;
using StreamRec.Training.Segments;

namespace StreamRec.Evaluation;

/// <summary>Judges what users are shown who first occur after the cut in time.</summary>
/// <param name="split">By time.</param>
/// <param name="halfLife">What the bundle's lists of what is popular forget by; null: they do not.</param>
internal sealed class NewUserEvaluation(
    SequenceData data,
    Split split,
    ItemUnion items,
    TimeSpan? halfLife,
    Eligibility eligible,
    CancellationToken cancel
)
{
    private const int ListLength = 10;

    private readonly Dictionary<(SegmentCounts Counts, string? Segment), int[]> _lists = [];
    private readonly float[] _scores = new float[items.Count + 1];

    /// <returns>
    /// Null where no user comes new, or all get the plain list: nothing is known of users, and nothing is forgotten.
    /// </returns>
    public NewUserReport? Of(ModelRanker model)
    {
        var plain = SegmentFit.Of(split.Training, data.Times, data.Segments, items.Count, cancel: cancel);
        if (plain is null && halfLife is null)
        {
            return null;
        }
        var news = FirstLists.Evenly([
            .. Enumerable
                .Range(0, split.Training.Count)
                .Where(user => split.Training[user].IsEmpty && !data.Sequences[user].IsEmpty),
        ]);
        if (news.Length < 2)
        {
            return null;
        }
        var whole = new Lists(plain?.Counts ?? Counts(null), plain?.Kinds ?? [], Forget: false);
        var served = halfLife is null ? whole : Forgetting();
        var chosen = served.Kinds.FirstOrDefault(kind => kind.Pays)?.Kind;
        Lists[] ways = halfLife is null ? [whole] : [whole, served];
        var first = ways.SelectMany(lists => Rows(lists, news))
            .Append(FirstList(served, chosen, news) with { Name = $"chosen: {served.NameOf(chosen)}" });
        return new(news.Length, served.Kinds, chosen, [.. first], Curve(served, chosen, news, model))
        {
            HalfLife = halfLife,
        };
    }

    private Lists Forgetting()
    {
        var fit = SegmentFit.Of(split.Training, data.Times, data.Segments, items.Count, halfLife, cancel);
        return new(fit?.Counts ?? Counts(halfLife), fit?.Kinds ?? [], Forget: true);
    }

    private SegmentCounts Counts(TimeSpan? half) =>
        new(
            split.Training,
            data.Times,
            data.Segments,
            items.Count,
            new Stretches(split.Training, data.Times).LastMs,
            half
        );

    private IEnumerable<NewUserRow> Rows(Lists lists, int[] news) =>
        lists.Kinds.Select(kind => (string?)kind.Kind).Prepend(null).Select(kind => FirstList(lists, kind, news));

    private NewUserRow FirstList(Lists lists, string? kind, int[] news) =>
        new(
            lists.NameOf(kind),
            [
                .. NewUserReport.FirstEvents.Select(most =>
                    MeanOfUsers.Of(
                        [
                            .. news.Select(user =>
                            {
                                var best = ListOf(lists.Counts, kind, user)
                                    .AsMemory(0, Math.Min(ListLength, items.Count));
                                var events = data.Sequences[user][..Math.Min(most, data.Sequences[user].Length)];
                                return events.ToArray().Average(item => Gain(best.Span.IndexOf(item)));
                            }),
                        ],
                        news
                    )
                ),
            ]
        );

    private IReadOnlyList<NewUserRow> Curve(Lists served, string? chosen, int[] news, ModelRanker model)
    {
        var places = NewUserReport.EventsSoFar;
        var asks = news.ToHashSet();
        var cases = split
            .Cases.Where(asked =>
                asks.Contains(asked.User) && asked.History.Length >= places[0] && asked.History.Length < places[^1]
            )
            .ToArray();
        var ofModel = new int[cases.Length][];
        var at = cases
            .Select((asked, place) => (asked, place))
            .ToDictionary(pair => (pair.asked.User, pair.asked.History.Length), pair => pair.place);
        model.Candidates(
            cases,
            eligible,
            EarlyBlend.Candidates,
            (asked, found, _) =>
                ofModel[at[(asked.User, asked.History.Length)]] = Array.ConvertAll(
                    found.ToArray(),
                    item => items.FromBundle(item)
                ),
            cancel
        );
        int[][] ofSegment =
        [
            .. cases.Select(asked => Unseen(ListOf(served.Counts, chosen, asked.User), asked, EarlyBlend.Candidates)),
        ];
        var blended = EarlyBlend.CrossFitted(cases, ofModel, ofSegment, news);
        return
        [
            Row("model", cases, ofModel),
            Row(served.NameOf(chosen), cases, ofSegment),
            Row("markov", cases, OfMarkov(cases)),
            Row("blend", cases, blended),
        ];
    }

    private NewUserRow Row(string name, RankingCase[] cases, int[][] lists)
    {
        var places = NewUserReport.EventsSoFar;
        return new(
            name,
            [
                .. places
                    .SkipLast(1)
                    .Select(
                        (from, place) =>
                        {
                            int[] own =
                            [
                                .. Enumerable
                                    .Range(0, cases.Length)
                                    .Where(at =>
                                        cases[at].History.Length >= from && cases[at].History.Length < places[place + 1]
                                    ),
                            ];
                            return MeanOfUsers.Of(
                                [.. own.Select(at => GainOf(cases[at], lists[at]))],
                                [.. own.Select(at => cases[at].User)]
                            );
                        }
                    ),
            ]
        );
    }

    // As it stands when the case is asked: it learns from the stream.
    private int[][] OfMarkov(RankingCase[] cases)
    {
        var markov = new MarkovRanker();
        foreach (var sequence in split.Training)
        {
            var previous = 0;
            foreach (var item in sequence.Span)
            {
                markov.Observe(0, previous, item);
                previous = item;
            }
        }
        var lists = new List<int[]>();
        var next = 0;
        foreach (var asked in split.Cases)
        {
            cancel.ThrowIfCancellationRequested();
            if (
                next < cases.Length
                && cases[next].User == asked.User
                && cases[next].History.Length == asked.History.Length
            )
            {
                var top = new int[ListLength];
                var found = markov.Rank(asked.User, asked.Last, eligible.ExcludedOnce(asked.History.Span), top);
                lists.Add(top[..found]);
                next++;
            }
            markov.Observe(asked.User, asked.Last, asked.Target);
        }
        return [.. lists];
    }

    private int[] Unseen(int[] list, in RankingCase asked, int most)
    {
        var excluded = eligible.ExcludedOnce(asked.History.Span);
        return [.. list.Where(item => !excluded.Contains(item)).Take(most)];
    }

    // All items in the order of the list that a user of these segments gets.
    private int[] ListOf(SegmentCounts counts, string? kind, int user)
    {
        var segment = kind is null ? null : counts.Of(data.Segments[user], kind);
        if (!_lists.TryGetValue((counts, segment), out var list))
        {
            counts.Score(segment, [], _scores);
            list = [.. Enumerable.Range(1, items.Count).OrderByDescending(item => _scores[item]).ThenBy(item => item)];
            _lists.Add((counts, segment), list);
        }
        return list;
    }

    private double GainOf(in RankingCase asked, int[] list) =>
        eligible.Allows(asked.History.Span, asked.Target)
            ? Gain(list.AsSpan(0, Math.Min(ListLength, list.Length)).IndexOf(asked.Target))
            : 0;

    internal static double Gain(int place) => place < 0 ? 0 : 1 / Math.Log2(2.0 + place);

    /// <summary>Lists of what is popular, with all and by kinds of segments.</summary>
    private sealed record Lists(SegmentCounts Counts, IReadOnlyList<SegmentKind> Kinds, bool Forget)
    {
        // No ranker's name is taken, whatever kinds are called.
        public string NameOf(string? kind) =>
            (kind, Forget) switch
            {
                (null, false) => "popularity",
                (null, true) => "popular",
                (_, false) => $"segment {kind}",
                _ => $"segment {kind}, decayed",
            };
    }
}
