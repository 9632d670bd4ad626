namespace StreamRec.Training.Segments;

/// <summary>What the lists of one kind of segments are worth to users who come new.</summary>
/// <param name="Kind">What stands before the colon of its segments.</param>
/// <param name="Segments">Segments of it that have a list.</param>
/// <param name="Gain">NDCG@10 of the first events less that of the popular list, mean over users.</param>
/// <param name="GainAtLeast">The lower end of the gain's paired 95 % interval.</param>
public sealed record SegmentKind(string Kind, int Segments, double Gain, double GainAtLeast)
{
    /// <summary>
    /// Whether a bundle has its lists: what says nothing of tastes loses, since its lists are counted from less.
    /// </summary>
    public bool Pays => Gain > 0;
}
