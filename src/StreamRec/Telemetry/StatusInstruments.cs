using System.Diagnostics.Metrics;
using StreamRec.Delivery.Worker;
using StreamRec.Telemetry.Status;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace StreamRec.Telemetry;

/// <summary>The instruments that show the worker's status: each reads the last one, and none computes.</summary>
internal sealed class StatusInstruments
{
    private readonly Meter _meter;
    private readonly StatusBoard _board;
    private readonly Tag[] _tags;

    private StatusInstruments(Meter meter, StatusBoard board)
    {
        (_meter, _board) = (meter, board);
        _tags = [new("topic", board.Current.Topic), new("group", board.Current.Group)];
    }

    public static void Add(Meter meter, StatusBoard board)
    {
        var instruments = new StatusInstruments(meter, board);
        instruments.ObservePartitions();
        instruments.ObserveEvents();
        instruments.ObserveWorker();
        instruments.ObserveCatalogue();
    }

    private void ObservePartitions()
    {
        void Counter(string name, string unit, string what, Func<PartitionStatus, long> read) =>
            _meter.CreateObservableCounter(
                name,
                () => _board.Current.Partitions.Select(p => Measure(p, read(p))),
                unit,
                what
            );
        Counter("streamrec.records", "{record}", "Records taken into batches.", p => p.Records);
        Counter("streamrec.steps", "{step}", "Batches written.", p => p.Steps);
        Counter("streamrec.lists", "{list}", "Lists written, or on Redis Cluster left to be published.", p => p.Lists);
        _meter.CreateObservableCounter(
            "streamrec.dead_letters",
            () =>
                _board.Current.Partitions.SelectMany(p =>
                    p.DeadLetters.Select(by => Measure(p, by.Value, new Tag("reason", by.Key)))
                ),
            "{record}",
            "Records that could not be used, kept in the dead-letter topic."
        );
        Counter("streamrec.claims", "{claim}", "Claims granted.", p => p.Claims);
        Counter("streamrec.fenced", "{step}", "Steps refused because another worker holds the claim.", p => p.Fenced);
        Counter("streamrec.conflicts", "{step}", "Steps refused because the store stands elsewhere.", p => p.Conflicts);
        Counter(
            "streamrec.steps.outdated",
            "{step}",
            "Steps refused because the partition is sealed for a newer model.",
            p => p.Outdated
        );
        Counter("streamrec.store.unanswered", "{call}", "Calls to Redis without an answer in time.", p => p.Unanswered);
        Counter(
            "streamrec.gap_offsets",
            "{offset}",
            "Offsets without a record: control records, aborted transactions, compaction.",
            p => p.GapOffsets
        );
        Counter(
            "streamrec.lost_offsets",
            "{offset}",
            "Offsets that retention deleted before they were worked: raise an alarm.",
            p => p.LostOffsets
        );
        Counter("streamrec.cache.hits", "{user}", "Users whose state was in memory.", p => p.CacheHits);
        Counter("streamrec.cache.misses", "{user}", "Users whose state was read from Redis.", p => p.CacheMisses);
        _meter.CreateObservableCounter(
            "streamrec.lists.unsafe",
            () => OfCluster(status => status.Partitions.Select(p => Measure(p, p.ListsUnsafe))),
            "{list}",
            "Redis Cluster: lists that too few replicas had in time; they are published again."
        );
        _meter.CreateObservableGauge(
            "streamrec.pending",
            () => _board.Current.Assigned.Select(p => Measure(p, p.Pending)),
            "{record}",
            "Records in memory that are not in a batch yet, of assigned partitions."
        );
        _meter.CreateObservableGauge(
            "streamrec.lag",
            () => _board.Current.Partitions.Where(p => p.Lag is not null).Select(p => Measure(p, p.Lag!.Value)),
            "{record}",
            "Records that are not worked yet, of assigned partitions."
        );
    }

    private void ObserveEvents()
    {
        _meter.CreateObservableCounter(
            "streamrec.events",
            () =>
            {
                var outcomes = _board.Current.Outcomes;
                return new[]
                {
                    Measure(outcomes.Known, new Tag("outcome", "accepted")),
                    Measure(outcomes.Unknown, new Tag("outcome", "unknown_item")),
                    Measure(outcomes.Duplicates, new Tag("outcome", "duplicate")),
                    Measure(outcomes.Late, new Tag("outcome", "late")),
                    Measure(outcomes.Unwanted, new Tag("outcome", "unwanted_type")),
                };
            },
            "{event}",
            "What became of events: each is one outcome."
        );
        _meter.CreateObservableCounter(
            "streamrec.lists.made",
            () => _board.Current.ListsMade.Select(made => Measure(made.Value, new Tag("kind", made.Key))),
            "{list}",
            "Lists made, by their kind; a batch that is computed again makes its lists again."
        );
        _meter.CreateObservableCounter(
            "streamrec.lists.not_encodable",
            () => Measure(_board.Current.NotEncodable),
            "{list}",
            "Lists that were not made, since the model's vector is not finite: another bundle is needed."
        );
        _meter.CreateObservableCounter(
            "streamrec.lists.superseded",
            () => OfCluster(status => [Measure(status.ListsSuperseded!.Value)]),
            "{list}",
            "Redis Cluster: lists not written because a newer one is there."
        );
    }

    private void ObserveWorker()
    {
        _meter.CreateObservableGauge(
            "streamrec.partitions",
            () =>
                _board.Current.Partitions is { Count: > 0 and var count }
                    ? [Measure(count)]
                    : Array.Empty<Measurement<long>>(),
            "{partition}",
            "Partitions of the topic; absent before they are known."
        );
        _meter.CreateObservableGauge(
            "streamrec.partitions.assigned",
            () => Measure(_board.Current.Assigned.Count()),
            "{partition}",
            "Partitions that this worker has."
        );
        _meter.CreateObservableGauge(
            "streamrec.waiting",
            () =>
                _board.Current.Waiting.Select(wait => new Measurement<double>(
                    wait.What.For.TotalSeconds,
                    [
                        .. _tags,
                        new("reason", wait.What.Reason.Code()),
                        .. wait.Partition is { } partition ? [new("partition", partition)] : Array.Empty<Tag>(),
                    ]
                )),
            "s",
            "For how long a partition, or the worker as a whole, has been waiting; absent where it goes on."
        );
        _meter.CreateObservableGauge(
            "streamrec.model.info",
            () =>
                _board.Current.Model is { } model
                    ? [Measure(1, new Tag("model", model.Id), new Tag("encoded", model.Encoded))]
                    : Array.Empty<Measurement<long>>(),
            "{model}",
            "The model that lists are made by: always 1."
        );
        _meter.CreateObservableGauge(
            "streamrec.model.promotion",
            () => OfModels(models => models.Promotion),
            "{promotion}",
            "The promotion that made the model live; absent where a bundle was given by hand."
        );
        _meter.CreateObservableCounter(
            "streamrec.model.swaps",
            () => OfModels(models => models.Swaps),
            "{swap}",
            "How often the worker went over to another model."
        );
        _meter.CreateObservableCounter(
            "streamrec.model.refused",
            () => OfModels(models => models.Refused),
            "{model}",
            "Models that could not be loaded: what was live serves on."
        );
        _meter.CreateObservableCounter(
            "streamrec.model.sessions.made",
            () => OfModels(models => models.Made),
            "{model}",
            "Models that were loaded."
        );
        _meter.CreateObservableCounter(
            "streamrec.model.sessions.ended",
            () => OfModels(models => models.Ended),
            "{model}",
            "Models that were loaded and given back since."
        );
        _meter.CreateObservableGauge(
            "streamrec.halted",
            () =>
                _board.Current is { Phase: WorkerPhase.Halted } status
                    ? [Measure(1, new Tag("reason", status.Halt.ToString()))]
                    : Array.Empty<Measurement<long>>(),
            "{worker}",
            "1 once the worker was halted to protect the data; absent before."
        );
        _meter.CreateObservableCounter(
            "streamrec.kafka.log",
            () => _board.Current.KafkaLog.Select(lines => Measure(lines.Value, new Tag("level", lines.Key))),
            "{line}",
            "Lines of the log of Kafka's clients, also those that were held back."
        );
    }

    private void ObserveCatalogue()
    {
        _meter.CreateObservableGauge(
            "streamrec.catalogue.age",
            () =>
                _board.Current.Catalogue is { Version: not null } read
                    ? [new Measurement<double>(read.Age.TotalSeconds, _tags)]
                    : Array.Empty<Measurement<double>>(),
            "s",
            "How long ago all of the catalogue was last known to be read; absent where none is followed."
        );
        _meter.CreateObservableGauge(
            "streamrec.catalogue.offset",
            () => OfCatalogue(read => read.Version!.Value.Offset),
            "{offset}",
            "The last record of the catalogue that lists know of."
        );
        _meter.CreateObservableGauge(
            "streamrec.catalogue.items",
            () => OfCatalogue(read => read.Items),
            "{item}",
            "Items that the catalogue has."
        );
        _meter.CreateObservableGauge(
            "streamrec.catalogue.new_items",
            () => OfCatalogue(read => read.NewItems.All),
            "{item}",
            "Items of the catalogue that the model was not trained on, and makes vectors of."
        );
        _meter.CreateObservableGauge(
            "streamrec.catalogue.tail",
            () => OfCatalogue(read => read.NewItems.InTail),
            "{item}",
            "Of those, the ones that came last and are searched by themselves."
        );
        _meter.CreateObservableCounter(
            "streamrec.catalogue.merges",
            () => OfCatalogue(read => read.NewItems.Merges),
            "{merge}",
            "How often the tail was full and was laid out with the rest."
        );
        _meter.CreateObservableCounter(
            "streamrec.catalogue.unreadable",
            () => OfCatalogue(read => read.Unreadable),
            "{record}",
            "Records of the catalogue that could not be read, kept in the dead-letter topic."
        );
    }

    private IEnumerable<Measurement<long>> OfCatalogue(Func<CatalogueStatus, long> measure) =>
        _board.Current.Catalogue is { Version: not null } read ? [Measure(measure(read))] : [];

    private IEnumerable<Measurement<long>> OfModels(Func<ModelsStatus, long> measure) =>
        _board.Current.Models is { } models ? [Measure(measure(models))] : [];

    private IEnumerable<Measurement<long>> OfCluster(Func<WorkerStatus, IEnumerable<Measurement<long>>> measure) =>
        _board.Current is { ListsSuperseded: not null } status ? measure(status) : [];

    private Measurement<long> Measure(PartitionStatus partition, long value, params Tag[] more) =>
        new(value, [.. _tags, new("partition", partition.Partition), .. more]);

    private Measurement<long> Measure(long value, params Tag[] more) => new(value, [.. _tags, .. more]);
}
