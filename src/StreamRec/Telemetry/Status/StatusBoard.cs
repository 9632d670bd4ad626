using System.Globalization;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Telemetry.Status;

/// <summary>
/// Takes the worker's status, each second and when its phase changes, from the process's start to its end. Whoever
/// shows it reads <see cref="Current"/>, from any thread.
/// </summary>
internal sealed class StatusBoard
{
    /// <summary>Redis that has not answered for longer does not answer.</summary>
    public static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(5);

    /// <summary>A loop that has made no turn for longer hangs: what each waits for is bounded below that.</summary>
    public static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly string _topic,
        _group;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (bool Holds, DateTimeOffset Since)> _conditions = [];
    private WorkerPhase _stage;
    private HaltReason _halt;
    private ServedModel? _model;
    private Func<IReadOnlyDictionary<string, long>>? _kafkaLog;
    private Func<CatalogueStatus>? _catalogue;
    private Func<ModelsStatus>? _models;
    private StatusSources? _sources;
    private long _watched;
    private volatile WorkerStatus _current;

    public StatusBoard(string topic, string group, TimeProvider time)
    {
        (_topic, _group, _time) = (topic, group, time);
        var now = time.GetUtcNow();
        _current = new WorkerStatus { At = now, PhaseSince = now };
        Take();
    }

    public WorkerStatus Current => _current;

    /// <summary>Told each second, one after the other.</summary>
    public event Action<WorkerStatus>? Taken;

    /// <summary>Where <see cref="Freshness"/> comes from.</summary>
    public FreshnessWindow Window { get; } = new();

    /// <summary>Records and batches so far, as of now.</summary>
    public (long Records, long Steps) Worked
    {
        get
        {
            var (records, steps) = (0L, 0L);
            foreach (var worker in Volatile.Read(ref _sources)?.Workers ?? [])
            {
                records += worker.Counters.Records;
                steps += worker.Counters.Steps;
            }
            return (records, steps);
        }
    }

    public void Enter(WorkerPhase phase)
    {
        lock (_lock)
        {
            // Of a halt and of an end nothing takes it back.
            _stage = _stage >= WorkerPhase.Draining && phase < _stage ? _stage : phase;
        }
        Take();
    }

    public void Halt(HaltReason reason)
    {
        lock (_lock)
        {
            (_stage, _halt) = (WorkerPhase.Halted, reason);
        }
        Take();
    }

    public void Show(ServedModel model)
    {
        lock (_lock)
        {
            _model = model;
        }
    }

    public void Watch(Func<IReadOnlyDictionary<string, long>> kafkaLog)
    {
        lock (_lock)
        {
            _kafkaLog = kafkaLog;
        }
    }

    /// <param name="catalogue">Where one is followed.</param>
    public void Watch(Func<CatalogueStatus> catalogue)
    {
        lock (_lock)
        {
            _catalogue = catalogue;
        }
        Take();
    }

    /// <param name="models">Where what is promoted is served.</param>
    public void Watch(Func<ModelsStatus> models)
    {
        lock (_lock)
        {
            _models = models;
        }
        Take();
    }

    public void Watch(StatusSources sources)
    {
        lock (_lock)
        {
            _watched = _time.GetTimestamp();
            Volatile.Write(ref _sources, sources);
        }
        Take();
    }

    /// <summary>Takes it each second until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, _time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Tick();
        }
    }

    /// <summary>Takes it and tells it.</summary>
    public WorkerStatus Tick()
    {
        var status = Take(Window.Take());
        Taken?.Invoke(status);
        return status;
    }

    private void Take() => Take(_current.Freshness);

    private WorkerStatus Take(Freshness? freshness)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var joined = _sources?.Joined() ?? false;
            PartitionStatus[] partitions =
            [
                .. (_sources?.Workers ?? []).Select(w => PartitionStatus.Of(w, _sources!.LagOf(w.Partition.Partition))),
            ];
            var phase =
                _stage != WorkerPhase.Waiting || !joined ? _stage
                : partitions.Any(p => p.IsAssigned && p.Next is not null) ? WorkerPhase.Working
                : WorkerPhase.Joined;
            return _current = new WorkerStatus
            {
                At = now,
                Timestamp = _time.GetTimestamp(),
                Topic = _topic,
                Group = _group,
                Phase = phase,
                PhaseSince = phase == _current.Phase ? _current.PhaseSince : now,
                Model = _model,
                Partitions = partitions,
                Outcomes = _sources is null
                    ? Outcomes.None
                    : Outcomes.Of(_sources.Events, partitions, _sources.ReRoute),
                ListsMade = _sources?.Events.Lists ?? new Dictionary<string, long>(),
                NotEncodable = _sources?.Events.NotEncodable ?? 0,
                ListsSuperseded = _sources?.Superseded?.Invoke(),
                Waiting = _stage == WorkerPhase.Waiting && _sources is not null ? _sources.Waits.Look() : [],
                Freshness = freshness,
                Catalogue = _catalogue?.Invoke(),
                Models = _models?.Invoke(),
                KafkaLog = _kafkaLog?.Invoke() ?? new Dictionary<string, long>(),
                Halt = _halt,
                Live = [.. Live(now)],
                Ready = [.. Ready(now, joined)],
            };
        }
    }

    private IEnumerable<Condition> Ready(DateTimeOffset now, bool joined)
    {
        var awaited = _models?.Invoke().Awaited;
        yield return Judge(
            now,
            "model",
            _model is not null && awaited is null,
            awaited ?? "the model is not loaded yet"
        );
        if (_catalogue is not null)
        {
            yield return Judge(
                now,
                "catalogue",
                _catalogue().Version is not null,
                "the catalogue is not read to its end yet"
            );
        }
        yield return Judge(now, "group", joined, "not a member of the group, or Kafka does not answer");
        var answered = _sources is null ? TimeSpan.MaxValue : _time.GetElapsedTime(_sources.Answered());
        yield return Judge(
            now,
            "redis",
            answered <= StoreLimit,
            _sources is null ? "not reached yet" : Silent("no answer", answered)
        );
        yield return Judge(
            now,
            "running",
            _stage < WorkerPhase.Draining,
            _stage == WorkerPhase.Draining ? "the worker is stopping" : $"the worker was halted ({_halt})"
        );
    }

    // What ended is not expected to turn.
    private IEnumerable<Condition> Live(DateTimeOffset now)
    {
        var watched = _stage == WorkerPhase.Waiting ? _sources : null;
        TimeSpan Since(long turned) => _time.GetElapsedTime(Math.Max(_watched, turned));
        var polled = watched is null ? TimeSpan.Zero : Since(watched.Polled());
        yield return Judge(now, "polling", polled <= TurnLimit, Silent("the consumer was not polled", polled));
        var (hanging, longest) = (-1, TimeSpan.Zero);
        foreach (var worker in watched?.Workers ?? [])
        {
            if (Since(worker.Turned) is var turned && turned > longest)
            {
                (hanging, longest) = (worker.Partition.Partition, turned);
            }
        }
        yield return Judge(now, "partitions", longest <= TurnLimit, Silent($"partition {hanging} hangs", longest));
    }

    private Condition Judge(DateTimeOffset now, string name, bool holds, string why)
    {
        if (!_conditions.TryGetValue(name, out var known) || known.Holds != holds)
        {
            _conditions[name] = known = (holds, now);
        }
        return new(name, holds, known.Since, holds ? null : why);
    }

    private static string Silent(string what, TimeSpan since) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} for {since.TotalSeconds:F0} s");
}
