namespace StreamRec.Evaluation;

/// <summary>What a place of the dial is worth, in lists of <see cref="DialCurve.ListLength"/>.</summary>
internal sealed record DialPoint(float Dial, RankingMetrics Metrics, VarietyFigures? Lists);
