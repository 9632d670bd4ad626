namespace StreamRec.Reranking;

/// <summary>What a re-ranker can be fed of a candidate, by the names in a manifest. See schemas/bundle.md.</summary>
public static class RerankingFeatures
{
    public const string Score = "score";
    public const string Rank = "rank";
    public const string Popularity = "popularity";
    public const string LikenessLast = "likeness.last";
    public const string LikenessRecent = "likeness.recent";
    public const string WeightsNear = "weights.near";
    public const string WeightsDecayed = "weights.decayed";
    public const string WeightsPlain = "weights.plain";
    public const string Transition1 = "transition.1";
    public const string Transition2 = "transition.2";
    public const string Transition3 = "transition.3";
    public const string Lift1 = "lift.1";
    public const string Lift2 = "lift.2";
    public const string Lift3 = "lift.3";
    public const string Walk = "walk";
    public const string WalkShare = "walk.share";
    public const string Seen = "seen";
    public const string SeenLast = "seen.last";
    public const string Length = "length";

    /// <summary>All that this version computes, in the order of its columns.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        Score,
        Rank,
        Popularity,
        LikenessLast,
        LikenessRecent,
        WeightsNear,
        WeightsDecayed,
        WeightsPlain,
        Transition1,
        Transition2,
        Transition3,
        Lift1,
        Lift2,
        Lift3,
        Walk,
        WalkShare,
        Seen,
        SeenLast,
        Length,
    ];
}
