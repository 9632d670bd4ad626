namespace StreamRec.Telemetry.Status;

/// <summary>Where a worker is in its life. docs/operations.md says what each means.</summary>
internal enum WorkerPhase
{
    /// <summary>The process has begun.</summary>
    Starting,

    /// <summary>The model is being loaded.</summary>
    Model,

    /// <summary>Kafka, Redis or the group is waited for.</summary>
    Waiting,

    /// <summary>A member of the group, with no partition that is claimed yet: it may be on standby.</summary>
    Joined,

    /// <summary>Partitions are worked.</summary>
    Working,

    /// <summary>It was told to stop: batches in flight are being written.</summary>
    Draining,

    /// <summary>Stopped by itself, to protect the data.</summary>
    Halted,
}

/// <summary>The names of phases in health's answers.</summary>
internal static class WorkerPhases
{
    public static string Code(this WorkerPhase phase) =>
        phase switch
        {
            WorkerPhase.Starting => "starting",
            WorkerPhase.Model => "model",
            WorkerPhase.Waiting => "waiting",
            WorkerPhase.Joined => "joined",
            WorkerPhase.Working => "working",
            WorkerPhase.Draining => "draining",
            _ => "halted",
        };
}
