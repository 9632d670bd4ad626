using StreamRec.Catalogue;
using StreamRec.Events;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>Settings of the worker, beside how it reaches its servers. Validated at start.</summary>
public sealed class WorkOptions : ServerOptions
{
    public const string Classic = "classic",
        Consumer = "consumer",
        Halt = "halt",
        Skip = "skip",
        DeadLetter = "dead-letter",
        Exit = "exit",
        Stay = "stay",
        ReRoute = "re-route";
    private const int Day = 86_400;

    // Null: not given.
    private float? _newItemShare;

    [Setting("Directory of the model bundle; this or a registry is required")]
    public string Bundle { get; set; } = "";

    [Setting(
        "Where bundles are pushed to, of which the worker serves the promoted one and goes over to the next: "
            + "a directory, or redis: for small ones; docs/models.md",
        Default = "none"
    )]
    public string Registry { get; set; } = "";

    [Setting("Directory of the copies that the worker loads from a registry", Default = "the user's own for such data")]
    public string RegistryCache { get; set; } = "";

    [Setting(
        "How long the model of before stays loaded, where memory allows, so that rolling back loads nothing",
        Least = 0,
        Most = Day
    )]
    public TimeSpan KeepPrevious { get; set; } = TimeSpan.FromMinutes(10);

    [Setting("Kafka topic of click events; required")]
    public string Topic { get; set; } = "";

    [Setting("Kafka consumer group; required")]
    public string Group { get; set; } = "";

    [Setting("Where a first start begins: earliest, latest, or a time (2026-01-31T00:00:00Z, or ms since 1970)")]
    public string From { get; set; } = "earliest";

    [Setting(
        "Stop once all that was in the topic at the start is worked, and on Redis Cluster all lists are published, "
            + "true or false"
    )]
    public bool UntilEnd { get; set; }

    [Setting("N, items in a list", Least = 1, Most = 1_000)]
    public int ListSize { get; set; } = 100;

    [Setting("K, events kept of a user; 0: 2W−1 of the bundle, the least that it needs", Least = 0, Most = 10_000)]
    public int Kept { get; set; }

    [Setting(
        "Leave items of the kept sequence out of the list: true, false, last:20 for those of its last 20 events, "
            + "or types:purchase for those of events of some types, commas between",
        Default = "as the bundle says; true where it says nothing"
    )]
    public string ExcludeSeen { get; set; } = "";

    [Setting(
        "Categories of which an item of the list must have one, commas between; needs a catalogue",
        Default = "any, or none"
    )]
    public string AllowedCategories { get; set; } = "";

    [Setting("Categories of which an item of the list must have none, commas between; needs a catalogue")]
    public string DeniedCategories { get; set; } = "";

    [Setting(
        "Between which numbers attributes of an item of the list must lie, such as price:10..50,year:1990.., "
            + "commas between; needs a catalogue"
    )]
    public string AttributeRanges { get; set; } = "";

    [Setting(
        "At most so many items of one category in the list's first places: category:3/10 is 3 in the first 10; or of "
            + "one value of an attribute, such as author:1/5, which needs a catalogue"
    )]
    public string Cap { get; set; } = "";

    [Setting(
        "How much a list's first places are varied: 0 leaves the best, 1 goes furthest from them; docs/quality.md",
        Least = 0,
        Most = 1
    )]
    public float Dial { get; set; }

    [Setting(
        "The places that Dial varies, as many as a page shows; behind them comes the best of the rest",
        Least = 1,
        Most = 1_000
    )]
    public int VariedPlaces { get; set; } = 10;

    [Setting(
        "Write of each of the model's items so many that are most like it, for pages that show an item; 0: none",
        Least = 0,
        Most = 100
    )]
    public int SimilarItems { get; set; }

    [Setting("Event types that enter the sequence, commas between", Default = "all")]
    public string Types { get; set; } = "";

    /// <summary>
    /// A batch writes one list a user, so the larger it is, the more events share one, and 256 save no CPU time that
    /// shows.
    /// </summary>
    [Setting("Most records in a batch", Least = 1, Most = 4_096)]
    public int BatchRecords { get; set; } = 192;

    /// <summary>
    /// 0: a batch is cut as soon as the one before is written, so batches are small when there is little to do.
    /// </summary>
    [Setting("How long a batch that is not full waits for more records", Least = 0, Most = 1)]
    public TimeSpan BatchLinger { get; set; }

    [Setting("How far an event's time may lie ahead of its record's", Least = 0, Most = 30 * Day)]
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromHours(1);

    [Setting("Idle users are forgotten after this, by record time", Least = 3_600, Most = 3_653 * Day)]
    public TimeSpan IdleExpiry { get; set; } = TimeSpan.FromDays(365);

    [Setting("Topic of what cannot be used", Default = "the topic's name with .dead-letters")]
    public string DeadLetterTopic { get; set; } = "";

    [Setting(
        "Topic of the catalogue, which says what may be listed: one partition, compacted; schemas/item.md",
        Default = "none is followed"
    )]
    public string ItemsTopic { get; set; } = "";

    [Setting(
        "The part of lists' places that items take which the catalogue has and the model was not trained on, where the "
            + "bundle has a tower; 0: they are on no list and in no sequence",
        Least = 0,
        Most = 0.5
    )]
    public float NewItemShare
    {
        get => _newItemShare ?? 0.05f;
        set => _newItemShare = value;
    }

    /// <summary>No: for brokers without topic ids (Kafka before 2.8, the embedded broker).</summary>
    [Setting("Know a topic by its id, so that one made anew under the same name is noticed, true or false")]
    public bool TopicIds { get; set; } = true;

    [Setting(
        "The group's protocol; consumer is KIP-848, Kafka 4.0 and later, "
            + "where the broker decides on sessions and assignment",
        Classic,
        Consumer
    )]
    public string GroupProtocol { get; set; } = Classic;

    [Setting("A name of this worker that outlives its process, so that a restart moves no partitions")]
    public string GroupInstanceId { get; set; } = "";

    [Setting("Records that retention deleted before they were worked; skip counts them", Halt, Skip)]
    public string LostRecords { get; set; } = Halt;

    [Setting(
        "Records in a partition that is not their key's; re-route produces them again to where they belong",
        DeadLetter,
        ReRoute
    )]
    public string Strays { get; set; } = DeadLetter;

    [Setting("How long a start waits for Kafka and Redis to answer", Least = 0, Most = 3_600)]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    [Setting("How often the topic is looked at, for a change of its id or its partitions", Least = 1, Most = 3_600)]
    public TimeSpan TopicCheck { get; set; } = TimeSpan.FromSeconds(30);

    [Setting("How often a line in the log tells of the work; 0: never", Least = 0, Most = Day)]
    public TimeSpan ReportEvery { get; set; } = TimeSpan.FromMinutes(1);

    [Setting(
        "Serve /metrics, /healthz and /readyz there: HOST:PORT, or :PORT on all addresses; docs/operations.md",
        Default = "nowhere"
    )]
    public string Metrics { get; set; } = "";

    [Setting(
        "Serve the worker's page there, and what --metrics serves: HOST:PORT, as 127.0.0.1:9465; docs/page.md",
        Default = "nowhere"
    )]
    public string Http { get; set; } = "";

    [Setting(
        "File with the token that --http asks for, 32 or more hexadecimal digits; "
            + "needed on every address but loopback",
        Default = "nobody is asked"
    )]
    public string HttpTokenFile { get; set; } = "";

    [Setting(
        "Names by which --http may be reached, commas between; by address and as localhost it always may",
        Default = "none"
    )]
    public string HttpHosts { get; set; } = "";

    [Setting("Let whoever sees the page of --http publish clicks from it, true or false")]
    public bool Playground { get; set; }

    [Setting(
        "What becomes of the process once work is halted to protect the data; "
            + "stay serves health and metrics until it is told to stop, and goes with --metrics or --http",
        Exit,
        Stay
    )]
    public string OnHalt { get; set; } = Exit;

    /// <summary>The dead-letter topic in force.</summary>
    public string DeadLetters => DeadLetterTopic.Length > 0 ? DeadLetterTopic : Topic + ".dead-letters";

    /// <summary>Which items' being seen keeps them from lists; null: as the bundle says.</summary>
    /// <exception cref="StreamRecException">It cannot be read, or is of events that are not kept.</exception>
    public SeenRule? SeenRule => ListRules.Seen(nameof(ExcludeSeen), ExcludeSeen, Types);

    /// <summary>What keeps items from lists by what the catalogue says of them.</summary>
    /// <exception cref="StreamRecException">It cannot be read.</exception>
    public ItemFilter Filter => ItemFilter.Parse(AllowedCategories, DeniedCategories, AttributeRanges);

    /// <summary>Null: none.</summary>
    /// <exception cref="StreamRecException">It cannot be read.</exception>
    public ListCap? ListCap => Ranking.Caps.ListCap.Parse(nameof(Cap), Cap);

    /// <summary>Throws with the option's name, its value and its range.</summary>
    /// <exception cref="StreamRecException">An option is missing or out of its range.</exception>
    public void Validate()
    {
        if (Bundle.Length > 0 && Registry.Length > 0)
        {
            throw new StreamRecException(
                "--bundle and --registry are both given: the one serves a directory for ever, the other what is "
                    + "promoted. Leave out one.",
                FaultKind.Usage
            );
        }
        if (Registry.Length == 0)
        {
            Required("--bundle", Bundle, "a directory made by `streamrec train`, or by --registry where bundles are");
            if (RegistryCache.Length > 0 || KeepPrevious != new WorkOptions().KeepPrevious)
            {
                throw new StreamRecException(
                    $"{(RegistryCache.Length > 0 ? nameof(RegistryCache) : nameof(KeepPrevious))} is given, and the "
                        + "model is of --bundle: it says something where models come from --registry alone. Leave it "
                        + "out.",
                    FaultKind.Usage
                );
            }
        }
        ValidatePlace();
        Setting.Check(this);
        ValidatePrefix();
        ValidateServed();
        _ = SeenRule;
        ListRules.RequireCatalogue(Filter, ListCap, ItemsTopic.Length > 0, "ItemsTopic, the topic of a catalogue");
        if (ItemsTopic.Length == 0 && _newItemShare > 0)
        {
            throw new StreamRecException(
                "NewItemShare is of items that a catalogue names, and none is followed: give ItemsTopic, the topic of "
                    + "a catalogue, or leave NewItemShare out.",
                FaultKind.Usage
            );
        }
        if (ItemsTopic.Length > 0 && (ItemsTopic == Topic || ItemsTopic == DeadLetters))
        {
            throw new StreamRecException(
                $"ItemsTopic is '{ItemsTopic}', the topic of the events or of the dead letters: give another.",
                FaultKind.Usage
            );
        }
        if (DeadLetters == Topic)
        {
            throw new StreamRecException(
                $"DeadLetterTopic is '{Topic}', the topic of the events itself: give another.",
                FaultKind.Usage
            );
        }
    }

    /// <summary>As <see cref="Validate"/>, of where a worker works alone: for commands that look at it.</summary>
    /// <exception cref="StreamRecException">An option is missing.</exception>
    public void ValidatePlace()
    {
        Required("--topic", Topic, "the Kafka topic of click events");
        Required("--group", Group, "the Kafka consumer group");
        Required("--bootstrap", Bootstrap, "host:port of Kafka");
        Required("--redis", Redis, "host:port of Redis");
    }

    private void ValidateServed()
    {
        if (Metrics.Length > 0)
        {
            ListenAddress.Parse(Metrics);
        }
        if (Http.Length > 0)
        {
            if (!ListenAddress.Parse(Http, ListenAddress.Page).IsLoopback && HttpTokenFile.Length == 0)
            {
                throw new StreamRecException(
                    $"--http is '{Excerpt.Of(Http)}', which others reach too, and the page shows what users did: "
                        + "give --http-token-file as well, a file with a token that is asked for, or an address of "
                        + "loopback, such as 127.0.0.1:9465.",
                    FaultKind.Usage
                );
            }
        }
        else if (Playground)
        {
            throw new StreamRecException(
                "--playground is a part of the page, which is not served: give --http too, the address that serves it.",
                FaultKind.Usage
            );
        }
        if (OnHalt == Stay && Metrics.Length + Http.Length == 0)
        {
            throw new StreamRecException(
                "--on-halt is stay, and nobody would see it: give --metrics too, the address that serves health.",
                FaultKind.Usage
            );
        }
    }

    private static void Required(string name, string value, string meaning)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new StreamRecException($"{name} is missing: give {meaning}.", FaultKind.Usage);
        }
    }
}
