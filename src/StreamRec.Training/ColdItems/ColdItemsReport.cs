using StreamRec.Training.Towers;

namespace StreamRec.Training.ColdItems;

/// <summary>What `evaluate --split cold-items` found.</summary>
public sealed record ColdItemsReport
{
    /// <summary>Items of the events.</summary>
    public required int Items { get; init; }

    /// <summary>Of these, how many the model was not shown.</summary>
    public required int NewItems { get; init; }

    /// <summary>New items of which the file of items says nothing.</summary>
    public required int WithoutFacts { get; init; }

    /// <summary>Users' last events on a new item.</summary>
    public required int Cases { get; init; }

    /// <summary>Held-out events on known items, by which the price is told.</summary>
    public required int KnownCases { get; init; }

    public required int Seed { get; init; }

    public required bool ExcludeSeen { get; init; }

    /// <summary>The tower that was fitted on the rest.</summary>
    public required FittedTower Tower { get; init; }

    /// <summary>Ranked among new items alone.</summary>
    public required IReadOnlyList<ColdRanker> AmongNew { get; init; }

    /// <summary>Ranked among all items.</summary>
    public required IReadOnlyList<ColdShare> AmongAll { get; init; }

    /// <summary>NDCG@10 of known items without any new one.</summary>
    public required double KnownNdcg10 { get; init; }
}
