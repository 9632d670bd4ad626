using StreamRec.Faults.Rows;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;

namespace StreamRec.Faults;

/// <summary>
/// A row of the fault matrix: what is done while two workers work on live traffic, and what shows that it happened.
/// </summary>
/// <param name="Number">As in docs/evidence/fault-matrix.md.</param>
/// <param name="Fault">In a few words.</param>
/// <param name="RunAsync">Does it. Starts and ends its own workers; the traffic is its own too. Leaves no worker of its
/// own paused.</param>
internal sealed record Row(int Number, string Fault, Func<Stage, Task<TimeSpan>> RunAsync)
{
    /// <summary>Settings of the row's topic.</summary>
    public (string Name, string Value)[] Topic { get; init; } = [];

    /// <summary>The brokers that hold the row's topic; empty: all.</summary>
    public IReadOnlyList<int> Brokers { get; init; } = [];

    /// <summary>A Redis of the row's own, with these settings; else the run's.</summary>
    public IReadOnlyList<string>? OwnRedis { get; init; }

    /// <summary>
    /// Whether the journal can be checked: not where Redis lost what it holds of it, or the log began anew.
    /// </summary>
    public bool Journal { get; init; } = true;

    /// <summary>Whether Kafka's committed offset must be at most n: not where Redis rolled back.</summary>
    public bool Committed { get; init; } = true;
}

/// <summary>What came of a row.</summary>
internal sealed record Outcome(
    int Row,
    string Fault,
    int Repetitions,
    long Events,
    string Observed,
    long Lost,
    long Duplicated,
    long Stale,
    double RecoveryS,
    string Verdict
);
