using StreamRec.Settings;

namespace StreamRec.Work;

/// <summary>Settings of the worker, beside how it reaches its servers. Validated at start.</summary>
public sealed class WorkOptions : ServerOptions
{
    public const string Classic = "classic", Consumer = "consumer", Halt = "halt", Skip = "skip", DeadLetter = "dead-letter", ReRoute = "re-route";

    /// <summary>Directory of the model bundle. Required.</summary>
    public string Bundle { get; set; } = "";

    /// <summary>Kafka topic of click events. Required.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Kafka consumer group. Required.</summary>
    public string Group { get; set; } = "";

    /// <summary>Where a first start begins: earliest, latest, or a time (RFC 3339, or ms since epoch). Default earliest.</summary>
    public string From { get; set; } = "earliest";

    /// <summary>Stop once everything that was in the topic at the start has been worked. Default no.</summary>
    public bool UntilEnd { get; set; }

    /// <summary>N, items in a list, 1–1,000. Default 100.</summary>
    public int ListSize { get; set; } = 100;

    /// <summary>K, events kept of a user: 0 for 2W−1 of the bundle, or that and more, to 10,000. Default 0.</summary>
    public int Kept { get; set; }

    /// <summary>Leave items of the kept sequence out of the list. Default yes.</summary>
    public bool ExcludeSeen { get; set; } = true;

    /// <summary>λ of the re-ranking against lists of near copies, 0–1: 0 leaves the order of scores. Default 0.</summary>
    public float Diversity { get; set; }

    /// <summary>Event types that enter the sequence, commas between; empty: all. Default all.</summary>
    public string Types { get; set; } = "";

    /// <summary>Most records in a batch, 1–4,096. Default 192: a batch writes one list a user, so the larger
    /// it is, the more events share one, and 256 save no CPU time that shows.</summary>
    public int BatchRecords { get; set; } = 192;

    /// <summary>
    /// How long a batch that is not full waits for more records, 0–1 s. 0: a batch is cut as soon as the one before is
    /// written, so batches are small when there is little to do, and large when there is much. Default 0.
    /// </summary>
    public TimeSpan BatchLinger { get; set; }

    /// <summary>How far an event's time may lie ahead of its record's, 0–30 days. Default 1 hour.</summary>
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Idle users are forgotten after this, by record time, 1 hour–10 years. Default 365 days.</summary>
    public TimeSpan IdleExpiry { get; set; } = TimeSpan.FromDays(365);

    /// <summary>Topic of what cannot be used. Default: the topic's name with ".dead-letters".</summary>
    public string DeadLetterTopic { get; set; } = "";

    /// <summary>
    /// Know a topic by its id, so that one that was made anew under the same name is noticed. No: for brokers without
    /// topic ids (Kafka before 2.8, the embedded broker). Default yes.
    /// </summary>
    public bool TopicIds { get; set; } = true;

    /// <summary>
    /// The group's protocol: classic, or consumer (KIP-848: Kafka 4.0 and later), under which the broker decides on session
    /// time-outs and assignment. Default classic.
    /// </summary>
    public string GroupProtocol { get; set; } = Classic;

    /// <summary>A name of this worker that outlives its process, so that a restart moves no partitions. Default none.</summary>
    public string GroupInstanceId { get; set; } = "";

    /// <summary>Records that retention deleted before they were worked: halt, or skip, which counts them. Default halt.</summary>
    public string LostRecords { get; set; } = Halt;

    /// <summary>
    /// Records in a partition that is not their key's: dead-letter, or re-route, which produces them again to where they
    /// belong. Default dead-letter.
    /// </summary>
    public string Strays { get; set; } = DeadLetter;

    /// <summary>How long a start waits for Kafka and Redis to answer, 0–1 hour. Default 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the topic is looked at, for a change of its id or its partitions, 1 s–1 hour. Default 30 s.</summary>
    public TimeSpan TopicCheck { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a line in the log tells of the work, 0 (never)–1 day. Default 1 minute.</summary>
    public TimeSpan ReportEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The dead-letter topic in force.</summary>
    public string DeadLetters => DeadLetterTopic.Length > 0 ? DeadLetterTopic : Topic + ".dead-letters";

    /// <summary>Throws with the option's name, its value and its range.</summary>
    /// <exception cref="StreamRecException">An option is missing or out of its range.</exception>
    public void Validate()
    {
        Required("--bundle", Bundle, "a directory made by `streamrec train`");
        Required("--topic", Topic, "the Kafka topic of click events");
        Required("--group", Group, "the Kafka consumer group");
        Required("--bootstrap", Bootstrap, "host:port of Kafka");
        Required("--redis", Redis, "host:port of Redis");
        InRange("ListSize", ListSize, 1, 1_000);
        InRange("Diversity", Diversity, 0f, 1f);
        InRange("Kept", Kept, 0, 10_000);
        InRange("BatchRecords", BatchRecords, 1, 4_096);
        InRange("BatchLinger", BatchLinger, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        InRange("MaxAhead", MaxAhead, TimeSpan.Zero, TimeSpan.FromDays(30));
        InRange("IdleExpiry", IdleExpiry, TimeSpan.FromHours(1), TimeSpan.FromDays(3_653));
        ValidateListReplicas();
        InRange("StartTimeout", StartTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        InRange("TopicCheck", TopicCheck, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        InRange("ReportEvery", ReportEvery, TimeSpan.Zero, TimeSpan.FromDays(1));
        OneOf("--group-protocol", GroupProtocol, Classic, Consumer);
        OneOf("--lost-records", LostRecords, Halt, Skip);
        OneOf("--strays", Strays, DeadLetter, ReRoute);
        ValidatePartitioner();
        ValidatePrefix();
        if (DeadLetters == Topic)
        {
            throw new StreamRecException($"DeadLetterTopic is '{Topic}', the topic of the events itself: give another.", ExitCode.Usage);
        }
    }

    private static void Required(string name, string value, string meaning)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new StreamRecException($"{name} is missing: give {meaning}.", ExitCode.Usage);
        }
    }
}
