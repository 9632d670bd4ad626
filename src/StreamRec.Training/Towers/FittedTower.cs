using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Models.Towers;

namespace StreamRec.Training.Towers;

/// <summary>A tower, and what it is worth to items that are treated as if they were new.</summary>
public sealed record FittedTower
{
    /// <summary>Null where nothing was fitted: there were too few items or questions.</summary>
    public required TowerRows? Rows { get; init; }

    /// <summary>Known items of which something is known.</summary>
    public required int Items { get; init; }

    /// <summary>Whether what it was judged by was held out of training; false: there was too little.</summary>
    public bool IsHeldOut { get; init; }

    /// <summary>What was chosen, for people.</summary>
    public string Chosen { get; init; } = "";

    /// <summary>Ranks among the new items of a fold.</summary>
    public RankingMetrics Tower { get; init; } = new();

    /// <summary>The same by what items are like the last ones.</summary>
    public RankingMetrics Content { get; init; } = new();

    /// <summary>What the tower gains in NDCG@10: the lower end of the paired 95 % interval.</summary>
    public double LeastGain =>
        Tower.Count > 0 && Tower.IntervalsAbove(Content)["ndcg@10"] is [var least, _] ? least : 0;

    /// <summary>Whether it surely is better than likeness.</summary>
    public bool Pays => Rows is not null && LeastGain > 0;

    /// <summary>A bundle's contents with it, where it pays; with what it was found to be worth in any case.</summary>
    public BundleContents AddTo(BundleContents contents) =>
        contents with
        {
            Tower = Pays ? Rows : null,
            Quality =
                Tower.Count == 0
                    ? contents.Quality
                    : new Dictionary<string, double>(contents.Quality)
                    {
                        ["tower.hr@10"] = Tower.HitRate(10),
                        ["tower.ndcg@10"] = Tower.Ndcg(10),
                        ["tower.content.ndcg@10"] = Content.Ndcg(10),
                        ["tower.gain.ndcg@10.least"] = LeastGain,
                    },
        };
}
