namespace StreamRec.Client;

/// <summary>Why an answer is not the user's own list.</summary>
public enum ListReason
{
    /// <summary>It is.</summary>
    None,

    /// <summary>The user has none yet.</summary>
    NoList,

    /// <summary>Redis did not answer in time.</summary>
    TimedOut,

    /// <summary>Redis cannot be reached, or refuses.</summary>
    Unreachable,

    /// <summary>What stands under the key is no list, or one of a later format.</summary>
    Unreadable,
}
