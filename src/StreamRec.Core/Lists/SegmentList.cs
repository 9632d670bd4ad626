namespace StreamRec.Lists;

/// <summary>A list for users of a segment who have none of their own.</summary>
/// <param name="List">As it is published.</param>
public readonly record struct SegmentList(string Segment, byte[] List);
