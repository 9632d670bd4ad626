namespace StreamRec.Bench;

/// <summary>What `streamrec bench` measures.</summary>
internal sealed record BenchOptions
{
    /// <summary>Directory of the bundle; null: one is made, with vectors of <see cref="Kind"/>.</summary>
    public string? Bundle { get; init; }

    /// <summary>Items of a bundle that is made, 100–5,000,000.</summary>
    public int Items { get; init; } = 50_000;

    /// <summary>D of a bundle that is made, a multiple of 16.</summary>
    public int Dimension { get; init; } = 64;

    /// <summary>W of a bundle that is made.</summary>
    public int Window { get; init; } = 50;

    /// <summary>Vectors of a bundle that is made: trained or random.</summary>
    public string Kind { get; init; } = "trained";

    /// <summary>Events that stand in the topic when the worker starts, 1,000–100,000,000.</summary>
    public int Events { get; init; } = 200_000;

    /// <summary>Users that they are of, each event's drawn at random.</summary>
    public int Users { get; init; } = 20_000;

    public int Partitions { get; init; } = 4;

    /// <summary>All users are of one partition, the others are idle.</summary>
    public bool HotPartition { get; init; }

    /// <summary>Worker processes in the group.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>Events a second of the open loop that latency is measured with; 0: none.</summary>
    public int Rate { get; init; } = 2_000;

    /// <summary>How long the open loop runs, after a warm-up of 30 s.</summary>
    public TimeSpan Seconds { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Users whose lists are checked against the plain scan at the end.</summary>
    public int Checked { get; init; } = 50;

    public string? Bootstrap { get; init; }
    public string? Redis { get; init; }

    /// <summary>A folder with `start` and `stop` of a real Kafka.</summary>
    public string? KafkaHome { get; init; }

    /// <summary>Further arguments of `streamrec work`.</summary>
    public IReadOnlyList<string> Work { get; init; } = [];

    /// <summary>Another worker to load after ours: its command, words parted by blanks; null: none.</summary>
    public string? Peer { get; init; }

    /// <summary>
    /// Whether the check knows what the worker's lists should be: it makes them as <c>work</c> does by default.
    /// </summary>
    public bool Checkable =>
        !Work.Any(argument => argument is "--dial" or "--list-size" or "--exclude-seen" or "--kept" or "--types");

    public const int Seed = 1;

    /// <summary>
    /// Rates are those of the backlog's events from here on, when code is compiled and caches have filled.
    /// </summary>
    public long CountedFrom => Events / 2;

    /// <exception cref="StreamRecException">An option is out of its range.</exception>
    public void Validate()
    {
        InRange("--events", Events, 1_000, 100_000_000);
        InRange("--users", Users, 1, 10_000_000);
        InRange("--items", Items, 100, 5_000_000);
        InRange("--dimension", Dimension, 16, 1_024);
        InRange("--window", Window, 2, 2_000);
        InRange("--seconds", (int)Seconds.TotalSeconds, 1, 86_400);
        if (Dimension % 16 != 0 || (Items + 1L) * Dimension > Array.MaxLength)
        {
            throw new StreamRecException(
                $"--dimension is {Dimension}: give a multiple of 16, "
                    + $"of which --items make no more than {Array.MaxLength} numbers.",
                FaultKind.Usage
            );
        }
        InRange("--partitions", Partitions, 1, 256);
        InRange("--processes", Processes, 1, 16);
        InRange("--rate", Rate, 0, 1_000_000);
        if (Peer is not null && string.IsNullOrWhiteSpace(Peer))
        {
            throw new StreamRecException("--peer is blank: give the command of a worker.", FaultKind.Usage);
        }
        if (Kind is not ("trained" or "random"))
        {
            throw new StreamRecException($"--kind is '{Kind}': give trained or random.", FaultKind.Usage);
        }
    }

    private static void InRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new StreamRecException(
                $"{name} is {value}: it must lie between {least} and {most}.",
                FaultKind.Usage
            );
        }
    }
}
