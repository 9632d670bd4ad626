using System.Globalization;
using System.Numerics.Tensors;
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

    private static readonly float[] s_penalties = [100, 30, 10, 3, 1, 0.3f];
    private const float Power = 0.5f;
    private static readonly float[] s_powers = [0, 0.25f, 0.75f, 1];
    private static readonly float[] s_lifts = [0, 0.25f, 0.5f, 0.75f, 1];

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
        tell?.Invoke("new items: rows are made");
        var all = folds.Ridge(best.Design, best.Penalty, best.Power, all: true);
        var (lift, vectors) = Lift(folds, folds.Vectors(best.Design, all));
        var rows = Lifted(all[^1], Mean(folds), lift);
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
            IsHeldOut = input.IsHeldOut,
            Chosen = string.Create(
                CultureInfo.InvariantCulture,
                $"{names.Length} features{(best.Fields.Pairs ? ", pairs of them" : "")}"
                    + $"{(best.Fields.Title ? ", words of the titles" : "")}; "
                    + $"λ = {best.Penalty}, counts^{best.Power}, κ = {lift}"
            ),
            Tower = folds.Judge(vectors, heldOut: true),
            Content = folds.Judge(new ContentCosine(input.Facts, best.Fields)),
        };
    }

    private static Candidate Best(TowerInput input, CrossFit folds, Action<string>? tell)
    {
        var numbers = NumberFields.Of(input.Facts);
        var titled = input.Facts.Any(one => one?.Title is not null);
        Candidate? best = null;
        foreach (var (pairs, title) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
        {
            // Titles are tried where there are any, and pairs stand as they were found to be best.
            if (title && (!titled || pairs != best!.Fields.Pairs))
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
                rows = folds.Ridge(design, penalty, Power, rows);
                Try(fields, design, penalty, Power, rows);
            }
        }
        // Only then by how much the common items count, all else as it was found to be best.
        foreach (var power in s_powers)
        {
            var (fields, design, penalty) = (best!.Fields, best.Design, best.Penalty);
            Try(fields, design, penalty, power, folds.Ridge(design, penalty, power));
        }
        return best!;

        void Try(TowerFields fields, TowerDesign design, float penalty, float power, float[][] rows)
        {
            var ndcg = folds.Judge(folds.Vectors(design, rows)).Ndcg(10);
            tell?.Invoke(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"new items: {design.Columns} features, λ = {penalty}, counts^{power}: NDCG@10 {ndcg:F4}"
                )
            );
            if (best is null || ndcg > best.Ndcg)
            {
                best = new Candidate(fields, design, penalty, power, ndcg);
            }
        }
    }

    // How much more than the rows say counts what all users have in common: regression makes too little of it.
    private static (float Lift, float[] Vectors) Lift(CrossFit folds, float[] vectors)
    {
        var mean = Mean(folds);
        return s_lifts
            .Select(lift => (lift, Vectors: Lifted(vectors, mean, lift)))
            .MaxBy(one => (folds.Judge(one.Vectors).Ndcg(10), -one.lift));
    }

    private static float[] Lifted(float[] rows, float[] mean, float lift)
    {
        float[] lifted = [.. rows];
        for (var at = 0; at < lifted.Length; at += mean.Length)
        {
            var row = lifted.AsSpan(at, mean.Length);
            row[^1] += lift * TensorPrimitives.Dot(row, mean);
        }
        return lifted;
    }

    // The mean user, a 1 behind it.
    private static float[] Mean(CrossFit folds)
    {
        var mean = new float[folds.Wide];
        for (var at = 0; at < folds.Users.Length; at += mean.Length)
        {
            TensorPrimitives.Add(mean, folds.Users.AsSpan(at, mean.Length), mean);
        }
        TensorPrimitives.Multiply(mean, folds.Wide / (float)folds.Users.Length, mean);
        return mean;
    }

    private sealed record Candidate(TowerFields Fields, TowerDesign Design, float Penalty, float Power, double Ndcg);
}
