namespace StreamRec.Delivery.Ports;

/// <summary>What of a partition's meta refuses a claim.</summary>
public enum MetaField
{
    /// <summary>The consumer group that the states are of.</summary>
    Group,

    /// <summary>The incarnation of the topic.</summary>
    TopicId,

    /// <summary>How many partitions the topic has.</summary>
    Partitions,

    /// <summary>The settings that shape a state.</summary>
    Settings,

    /// <summary>A recovery that was begun and has not ended.</summary>
    Recovery,

    /// <summary>Meta is there and cannot be read.</summary>
    Unreadable,
}
