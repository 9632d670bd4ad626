using System.Globalization;
using System.Text.Json.Nodes;
using StreamRec.Training.Towers;

namespace StreamRec.ColdItems;

/// <summary>What is told of a tower that was fitted.</summary>
internal static class TowerText
{
    public static string Told(FittedTower fitted)
    {
        if (fitted.Rows is null)
        {
            return $"no vectors for new items: of {fitted.Items} known ones something is known, and "
                + $"{TowerFit.LeastItems} are needed, with {TowerFit.LeastCases} events to choose by";
        }
        var verdict = fitted.Pays
            ? "the bundle makes vectors of new items"
            : "the bundle does not make vectors of new items, for that they beat likeness is not sure";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"new items, by {fitted.Tower.Count} events on known ones treated as new"
                + $"{(fitted.IsHeldOut ? "" : ", which the model was trained on")}: NDCG@10 "
                + $"{fitted.Tower.Ndcg(10):F4} by features, {fitted.Content.Ndcg(10):F4} by likeness to the last 5 "
                + $"(at least {fitted.LeastGain:+0.0000;-0.0000} by a paired 95 % interval); {fitted.Chosen}: {verdict}"
        );
    }

    public static JsonObject Json(FittedTower fitted) =>
        new()
        {
            ["shipped"] = fitted.Pays,
            ["items"] = fitted.Items,
            ["features"] = fitted.Rows?.Manifest.Features.Count ?? 0,
            ["pairs"] = fitted.Rows?.Manifest.Fields.Pairs ?? false,
            ["title"] = fitted.Rows?.Manifest.Fields.Title ?? false,
            ["asked"] = fitted.Tower.Count,
            ["held_out"] = fitted.IsHeldOut,
            ["hr@10"] = Finite(fitted.Tower.HitRate(10)),
            ["ndcg@10"] = Finite(fitted.Tower.Ndcg(10)),
            ["content_ndcg@10"] = Finite(fitted.Content.Ndcg(10)),
            ["gain_at_least"] = fitted.LeastGain,
        };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
