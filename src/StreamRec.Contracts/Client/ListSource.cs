namespace StreamRec.Client;

/// <summary>Whose list an answer holds.</summary>
public enum ListSource
{
    /// <summary>The user's own, as it stands in Redis now.</summary>
    Own,

    /// <summary>The popular one, as it stands in Redis now: see the reason.</summary>
    Popular,

    /// <summary>One that was read before, since Redis gave none now. Do not keep it as the user's.</summary>
    LastKnown,

    /// <summary>There is no list.</summary>
    None,

    /// <summary>What is most like the item that was asked for, as it stands in Redis now.</summary>
    Similar,
}
