using System.Text.Json.Nodes;
using StreamRec.Training.ColdItems;

namespace StreamRec.ColdItems;

/// <summary>A report for machines: schemas/cli/evaluate-cold-items.schema.json.</summary>
internal static class ColdItemsJson
{
    public static JsonObject Of(ColdItemsReport report) =>
        new()
        {
            ["protocol"] = new JsonObject
            {
                ["split"] = ColdItemsRun.Split,
                ["seed"] = report.Seed,
                ["items"] = report.Items,
                ["new_items"] = report.NewItems,
                ["without_facts"] = report.WithoutFacts,
                ["cases"] = report.Cases,
                ["known_cases"] = report.KnownCases,
                ["exclude_seen"] = report.ExcludeSeen,
            },
            ["tower"] = TowerText.Json(report.Tower),
            ["among_new"] = new JsonArray([
                .. report.AmongNew.Select(ranker => new JsonObject
                {
                    ["ranker"] = ranker.Name,
                    ["available"] = ranker.Available,
                    ["hr@10"] = ranker.HitRate10,
                    ["ndcg@10"] = ranker.Ndcg10,
                    ["ndcg@10_ci95"] = ranker.Interval is [var low, var high] ? new JsonArray(low, high) : null,
                }),
            ]),
            ["known_ndcg@10"] = report.KnownNdcg10,
            ["among_all"] = new JsonArray([
                .. report.AmongAll.Select(row => new JsonObject
                {
                    ["share"] = row.Share,
                    ["gamma"] = row.Gamma,
                    ["beta"] = row.Beta,
                    ["new_hr@10"] = row.NewHitRate10,
                    ["new_ndcg@10"] = row.NewNdcg10,
                    ["known_ndcg@10"] = row.KnownNdcg10,
                    ["slots"] = row.Slots,
                }),
            ]),
        };
}
