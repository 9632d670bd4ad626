namespace StreamRec;

/// <summary>What is wrong where a <see cref="StreamRecException"/> is thrown.</summary>
public enum FaultKind
{
    /// <summary>Neither of the others: a disk that is full, a program that ended, a limit of the machine.</summary>
    Failure,

    /// <summary>An option, a setting or an argument.</summary>
    Usage,

    /// <summary>Data or a bundle that is read: it is missing or broken.</summary>
    Input,

    /// <summary>A server: it cannot be reached, or refuses.</summary>
    Unreachable,

    /// <summary>What the log and the store hold does not fit together: work was stopped to protect the data.</summary>
    Halted,
}
