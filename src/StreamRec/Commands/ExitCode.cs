namespace StreamRec.Commands;

/// <summary>The process's exit codes, documented in README.md.</summary>
public enum ExitCode
{
    Success = 0,

    /// <summary>An unexpected fault: a bug, or a limit of the machine.</summary>
    Failure = 1,

    /// <summary>A wrong option or argument.</summary>
    Usage = 2,

    /// <summary>Input data or a bundle is missing or broken.</summary>
    BadInput = 3,

    /// <summary>Kafka or Redis cannot be reached, or refuses us.</summary>
    Unreachable = 4,

    /// <summary>A partition was halted to protect the data; the message lists the choices.</summary>
    Halted = 5,

    /// <summary>The demo ran, but its lists did not beat the baselines.</summary>
    NotBetter = 6,

    /// <summary>A signal stopped a job before it had finished: 128 and SIGINT's number, as shells have it.</summary>
    Interrupted = 130,
}
