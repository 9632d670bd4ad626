using System.Globalization;
using StreamRec.Evaluation;
using StreamRec.Models.Towers;

namespace StreamRec.Training.Towers;

/// <summary>Fits a tower: what it goes by is chosen by items that are treated as if they were new.</summary>
public static class TowerFit
{
    /// <summary>Held-out events below which each user's last event is asked for, trained on or not.</summary>
    public const int LeastHeldOut = 500;

    /// <summary>Known items below which nothing is fitted.</summary>
    public const int LeastItems = 50;

    /// <summary>Questions below which nothing is fitted.</summary>
    public const int LeastCases = 100;

    private const float Rate = 0.01f;
    private const float Decay = 0.1f;
    private const int MostPasses = 6;
    private static readonly float[] s_penalties = [100, 30, 10, 3];

    /// <param name="tell">Told what is done, for people.</param>
    public static FittedTower Fit(TowerInput input, Action<string>? tell = null, CancellationToken cancel = default)
    {
        var items = Enumerable.Range(1, input.Items).Count(item => input.Facts[item] is not null);
        if (items < LeastItems || input.Cases.Count < LeastCases)
        {
            return new FittedTower { Rows = null, Items = items };
        }
        tell?.Invoke("new items: users are encoded");
        var folds = new CrossFit(input, cancel);
        var best = Best(input, folds, tell);
        tell?.Invoke("new items: rows are learnt");
        var start = folds.Ridge(best.Design, best.Penalty, all: true);
        var (passes, vectors, metrics, rows) = Learn(folds, best, start, tell);
        var shares = ShareTable.Of(input, folds, vectors, cancel);
        var (names, values) = best.Design.ToRows(rows, folds.Wide);
        return new FittedTower
        {
            Rows = new TowerRows(
                new TowerManifest
                {
                    Fields = best.Fields,
                    Shares = shares,
                    Features = names,
                },
                values
            ),
            Items = items,
            Chosen = string.Create(
                CultureInfo.InvariantCulture,
                $"{names.Length} features{(best.Fields.Pairs ? ", pairs of them" : "")}"
                    + $"{(best.Fields.Title ? ", words of the titles" : "")}; λ = {best.Penalty}, {passes} passes"
            ),
            Tower = metrics,
            Content = folds.Judge(new ContentCosine(input.Facts, best.Fields)),
        };
    }

    private static Candidate Best(TowerInput input, CrossFit folds, Action<string>? tell)
    {
        var numbers = NumberFields.Of(input.Facts);
        Candidate? best = null;
        foreach (var (pairs, title) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
        {
            // Titles are tried where pairs stand as they were found to be best.
            if (title && best is not null && pairs != best.Fields.Pairs)
            {
                continue;
            }
            var fields = new TowerFields
            {
                Pairs = pairs,
                Title = title,
                Numbers = numbers,
            };
            var design = new TowerDesign(input.Facts, fields);
            float[][]? rows = null;
            foreach (var penalty in s_penalties)
            {
                rows = folds.Ridge(design, penalty, rows);
                var ndcg = folds.Judge(folds.Vectors(design, rows)).Ndcg(10);
                tell?.Invoke(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"new items: {design.Columns} features, λ = {penalty}: NDCG@10 {ndcg:F4}"
                    )
                );
                if (best is null || ndcg > best.Ndcg)
                {
                    best = new Candidate(fields, design, penalty, ndcg);
                }
            }
        }
        return best!;
    }

    // As many passes as items that are treated as new are best served by.
    private static (int Passes, float[] Vectors, RankingMetrics Metrics, float[] Rows) Learn(
        CrossFit folds,
        Candidate best,
        float[][] start,
        Action<string>? tell
    )
    {
        var vectors = folds.Vectors(best.Design, start);
        var chosen = (Passes: 0, Vectors: vectors, Metrics: folds.Judge(vectors), Rows: start[^1]);
        var softmax = folds.Softmax(best.Design, start);
        for (var pass = 1; pass <= MostPasses; pass++)
        {
            folds.Pass(softmax, Rate / pass, Decay);
            vectors = folds.Vectors(best.Design, [.. softmax.Select(own => own.Rows)]);
            var metrics = folds.Judge(vectors);
            tell?.Invoke(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"new items: pass {pass}: NDCG@10 {metrics.Ndcg(10):F4} HR@10 {metrics.HitRate(10):F4}"
                )
            );
            if (metrics.Ndcg(10) > chosen.Metrics.Ndcg(10))
            {
                chosen = (pass, vectors, metrics, [.. softmax[^1].Rows]);
            }
        }
        return chosen;
    }

    private sealed record Candidate(TowerFields Fields, TowerDesign Design, float Penalty, double Ndcg);
}
