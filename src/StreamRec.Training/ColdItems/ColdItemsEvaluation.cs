using StreamRec.Catalogue;
using StreamRec.Evaluation;
using StreamRec.Models.Towers;
using StreamRec.Towers;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;
using StreamRec.Training.Towers;

namespace StreamRec.Training.ColdItems;

/// <summary>
/// Trains without a tenth of the items, and asks how well these are found by their features alone, among each other and
/// among all, and what the known ones pay for it.
/// </summary>
public sealed class ColdItemsEvaluation
{
    private const int ListLength = 10;
    private const int Chunk = 64;
    private const int LeastItems = 10;

    private readonly ColdSplit _split;
    private readonly IReadOnlyList<ItemFacts?> _newFacts;
    private readonly FittedTower _tower;
    private readonly TowerInput _input;
    private readonly float[] _users;
    private readonly RankingCase[] _knownCases;
    private readonly float[] _knownUsers;
    private readonly float[] _known;
    private readonly int _seed;
    private readonly CancellationToken _cancel;

    private ColdItemsEvaluation(
        ColdSplit split,
        IReadOnlyList<ItemFacts?> newFacts,
        TowerInput input,
        FittedTower tower,
        int seed,
        CancellationToken cancel
    )
    {
        (_split, _newFacts, _input, _tower, _seed, _cancel) = (split, newFacts, input, tower, seed, cancel);
        _users = UserVectors.Behind(input, [.. split.Cases.Select(asked => asked.History)], cancel);
        _knownCases = [.. input.Cases.Where(asked => input.HeldOut.Contains(asked.User))];
        _knownUsers = UserVectors.Behind(input, [.. _knownCases.Select(asked => asked.History)], cancel);
        _known = new float[(input.Items + 1) * Wide];
        for (var item = 1; item <= input.Items; item++)
        {
            input.Vectors.AsSpan(item * input.Dimension, input.Dimension).CopyTo(_known.AsSpan(item * Wide));
            _known[(item * Wide) + input.Dimension] = input.Biases[item];
        }
    }

    private int Wide => _input.Dimension + 1;

    /// <param name="factsOf">What is known of an item; null: nothing.</param>
    /// <param name="train">Trains on what is given.</param>
    /// <param name="shares">Of the slots, for new items.</param>
    /// <param name="tell">Told what is done, for people.</param>
    /// <exception cref="StreamRecException">There is too little data.</exception>
    public static ColdItemsReport Of(
        SequenceData data,
        Func<string, ItemFacts?> factsOf,
        Func<SequenceData, TrainedModel> train,
        IReadOnlyList<double> shares,
        int seed,
        Action<string>? tell = null,
        CancellationToken cancel = default
    )
    {
        var split = ColdSplit.Draw(data, seed);
        if (split.Cold.Length < LeastItems || split.Cases.Count == 0)
        {
            throw new StreamRecException(
                $"{data.Events} events on {data.Items} items are too few: a tenth of the items must be {LeastItems} or "
                    + "more, and some user must have taken one of them after three others. Give more data.",
                FaultKind.Input
            );
        }
        var trained = train(split.Known);
        ItemFacts?[] facts = [.. split.Known.ItemIds.Select((id, item) => item == 0 ? null : factsOf(id))];
        var input = TowerInput.Of(trained, split.Known, facts);
        var tower = TowerFit.Fit(input, tell, cancel);
        if (tower.Rows is null)
        {
            throw new StreamRecException(
                $"Of {tower.Items} items that are left to train on something is known, and {TowerFit.LeastItems} are "
                    + $"needed, with {TowerFit.LeastCases} events to choose by: give --items FILE with the ids of the "
                    + "events, or more data.",
                FaultKind.Input
            );
        }
        tell?.Invoke("new items: judged");
        return new ColdItemsEvaluation(
            split,
            [.. split.Cold.Select(item => factsOf(data.ItemIds[item]))],
            input,
            tower,
            seed,
            cancel
        ).Report(data.Items, [.. shares]);
    }

    private ColdItemsReport Report(int items, double[] shares)
    {
        var tower = new ItemTower(_tower.Rows!);
        var vectors = new float[_newFacts.Count * Wide];
        for (var at = 0; at < _newFacts.Count; at++)
        {
            var own = vectors.AsSpan(at * Wide, Wide);
            own[^1] = tower.Embed(_newFacts[at] ?? ItemFacts.None, own[..^1]);
        }
        return new ColdItemsReport
        {
            Items = items,
            NewItems = _newFacts.Count,
            WithoutFacts = _newFacts.Count(one => one is null),
            Cases = _split.Cases.Count,
            KnownCases = _knownCases.Length,
            Seed = _seed,
            ExcludeSeen = _input.ExcludeSeen,
            Tower = _tower,
            AmongNew = [.. AmongNew(vectors)],
            AmongAll =
            [
                AmongAll(vectors, null, new TowerShare(0, 1, 0)),
                .. shares.Select(share => AmongAll(vectors, share, tower.At(share))),
            ],
            KnownNdcg10 = Known([]).Ndcg,
        };
    }

    private IEnumerable<ColdRanker> AmongNew(float[] vectors)
    {
        yield return Ranker("tower", Scores(vectors));
        var cosine = new ContentCosine([.. _input.Facts, .. _newFacts], _tower.Rows!.Manifest.Fields);
        yield return Ranker("content cosine, last 5", Content(cosine));
        if (_newFacts.Any(one => one?.Availability.SinceMs > long.MinValue))
        {
            var since = _newFacts.Select(one => (float)(one?.Availability.SinceMs ?? long.MinValue)).ToArray();
            yield return Ranker("newest first", _split.Cases.Select(_ => since.ToArray()));
        }
        yield return Random();
        yield return Ranker(
            "popularity",
            _split.Cases.Select(_ => _split.Counts.Select(count => (float)count).ToArray())
        ) with
        {
            Available = false,
        };
    }

    // Shown one by one: all of them would not fit into memory.
    private IEnumerable<float[]> Scores(float[] vectors)
    {
        foreach (var chunk in Enumerable.Range(0, _split.Cases.Count).Chunk(Chunk))
        {
            var scores = new float[chunk.Length][];
            NewItems.Score(_users, chunk, vectors, Wide, (at, own) => scores[at] = own.ToArray(), _cancel);
            foreach (var own in scores)
            {
                yield return own;
            }
        }
    }

    private IEnumerable<float[]> Content(ContentCosine cosine) =>
        _split.Cases.Select(asked =>
        {
            var profile = cosine.ProfileOf(asked.History.Span);
            return Enumerable
                .Range(0, _newFacts.Count)
                .Select(at => cosine.ScoreOf(_input.Items + 1 + at, profile))
                .ToArray();
        });

    private ColdRanker Ranker(string name, IEnumerable<float[]> scores)
    {
        var metrics = new RankingMetrics();
        foreach (var (asked, own) in _split.Cases.Zip(scores))
        {
            _cancel.ThrowIfCancellationRequested();
            foreach (var seen in asked.Seen)
            {
                own[seen] = float.NegativeInfinity;
            }
            metrics.Add(NewItems.RankOf(own, asked.Target), asked.User);
        }
        return new(name, metrics.HitRate(10), metrics.Ndcg(10), metrics.Intervals()["ndcg@10"]);
    }

    // What is to be expected of it: no draw decides.
    private ColdRanker Random()
    {
        var (hits, gains) = (0.0, 0.0);
        foreach (var asked in _split.Cases)
        {
            var left = _newFacts.Count - asked.Seen.Count;
            var places = Enumerable.Range(1, Math.Min(ListLength, left));
            hits += places.Count() / (double)left;
            gains += places.Sum(rank => 1 / Math.Log2(1.0 + rank)) / left;
        }
        return new("random", hits / _split.Cases.Count, gains / _split.Cases.Count, null);
    }

    private ColdShare AmongAll(float[] vectors, double? share, TowerShare laid)
    {
        var news = vectors.ToArray();
        for (var at = 0; at < news.Length; at++)
        {
            news[at] = at % Wide == Wide - 1 ? news[at] + laid.Beta : news[at] * laid.Gamma;
        }
        var metrics = new RankingMetrics();
        ForCases(
            _users,
            _split.Cases.Count,
            news,
            (at, known, own) =>
            {
                var asked = _split.Cases[at];
                foreach (var seen in asked.Seen)
                {
                    own[seen] = float.NegativeInfinity;
                }
                LeaveOut(asked.History.Span, 0, known);
                metrics.Add(Reaching(known, own[asked.Target]) + Reaching(own, own[asked.Target]), asked.User);
            }
        );
        var (ndcg, slots) = Known(news);
        return new(share, laid.Gamma, laid.Beta, metrics.HitRate(10), metrics.Ndcg(10), ndcg, slots);
    }

    // Events on known items that were not trained on, with new ones in the list, or without.
    private (double Ndcg, double Slots) Known(float[] news)
    {
        var (metrics, slots, places) = (new RankingMetrics(), 0L, 0L);
        ForCases(
            _knownUsers,
            _knownCases.Length,
            news,
            (at, known, own) =>
            {
                var asked = _knownCases[at];
                LeaveOut(asked.History.Span, asked.Target, known);
                var limit = known[asked.Target];
                metrics.Add(Reaching(known, limit) + Reaching(own, limit), asked.User);
                if (own.Length > 0)
                {
                    // Of equal scores a known item comes first.
                    var last = known.Concat(own).OrderDescending().Take(ListLength).Last();
                    slots += ListLength - Math.Min(ListLength, Reaching(known, last));
                    places += ListLength;
                }
            }
        );
        return (metrics.Ndcg(10), slots / (double)Math.Max(1, places));
    }

    private void ForCases(float[] users, int cases, float[] news, Action<int, float[], float[]> show)
    {
        foreach (var chunk in Enumerable.Range(0, cases).Chunk(Chunk))
        {
            var (known, own) = (new float[chunk.Length][], new float[chunk.Length][]);
            Array.Fill(own, []);
            NewItems.Score(users, chunk, _known, Wide, (at, scores) => known[at] = scores.ToArray(), _cancel);
            NewItems.Score(users, chunk, news, Wide, (at, scores) => own[at] = scores.ToArray(), _cancel);
            for (var at = 0; at < chunk.Length; at++)
            {
                known[at][0] = float.NegativeInfinity;
                show(chunk[at], known[at], own[at]);
            }
        }
    }

    private void LeaveOut(ReadOnlySpan<int> history, int but, float[] scores)
    {
        if (_input.ExcludeSeen)
        {
            foreach (var item in history)
            {
                scores[item] = item == but ? scores[item] : float.NegativeInfinity;
            }
        }
    }

    private static int Reaching(float[] scores, float limit) => scores.Count(score => score >= limit);
}
