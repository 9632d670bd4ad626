namespace StreamRec.Lists;

/// <summary>A state of the catalogue: the last record of its topic that is in it.</summary>
/// <param name="TopicUuid">The topic's incarnation.</param>
public readonly record struct CatalogueVersion(string TopicUuid, long Offset);
