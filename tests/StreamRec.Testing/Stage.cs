using StackExchange.Redis;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Testing;

/// <summary>One run: a topic and a prefix of its own, workers, traffic, and the oracles at its end.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const int Partitions = 4;
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly List<ServerProcess> _workers = [];
    private readonly List<string> _observed = [];
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly ReferenceLists _lists;
    private ConnectionMultiplexer? _connection;

    public Stage(KafkaServer kafka, RedisServer redis, string bundle, string name)
    {
        (Kafka, Redis, Bundle, Name) = (kafka, redis, bundle, $"{name}-{Guid.NewGuid().ToString("N")[..8]}");
        _lists = new ReferenceLists(bundle);
        Traffic = new Traffic(kafka.Bootstrap, Name);
        Settings = new WorkerSettings(bundle, Name, $"{Name}-group", kafka.Bootstrap, redis.Address, Name)
        {
            Environment = new Dictionary<string, string>
            {
                ["STREAMREC__KAFKA__session.timeout.ms"] = "4000",
                ["STREAMREC__KAFKA__heartbeat.interval.ms"] = "1000",
                ["STREAMREC__KAFKA__metadata.max.age.ms"] = "5000",
                ["STREAMREC__BATCHRECORDS"] = "32",
                ["STREAMREC__TOPICCHECK"] = "00:00:02",
                ["STREAMREC__REPORTEVERY"] = "00:00:02",
                ["STREAMREC_TRACE"] = "1",
                ["DOTNET_TieredPGO"] = "0",
            },
        };
    }

    public KafkaServer Kafka { get; }
    public RedisServer Redis { get; }
    public string Bundle { get; }

    /// <summary>The topic, and the prefix of the keys.</summary>
    public string Name { get; }

    public Traffic Traffic { get; }
    public WorkerSettings Settings { get; set; }
    public IReadOnlyList<string> Observed => _observed;

    public IDatabase Database => _connection?.GetDatabase() ?? throw new InvalidOperationException("not opened");

    public StoreOracle Oracle => new(Database, Name, Name, PartitionsNow);

    /// <summary>The topic's partitions at the end of the run.</summary>
    public int PartitionsNow { get; set; } = Partitions;

    public int Kept => 2 * _lists.Window - 1;

    /// <summary>Records that were worked and that the log no longer holds.</summary>
    public List<LoggedRecord> Deleted { get; } = [];

    /// <summary>States in the store, where there are more users than in the log.</summary>
    public int? StatesInAll { get; set; }

    /// <summary>Lists that were read while models were swapped; null: one bundle makes all lists.</summary>
    public ModelLists? Models { get; set; }

    /// <summary>Refused records go by re-routing, not to the dead-letter topic.</summary>
    public bool ReRouted { get; set; }

    /// <param name="brokers">Where all replicas are; empty: everywhere.</param>
    public async Task OpenAsync(IReadOnlyList<int> brokers, params (string Name, string Value)[] topicSettings)
    {
        _connection = await Redis.ConnectAsync();
        await (
            brokers.Count > 0
                ? Kafka.CreateTopicOnAsync([.. brokers], Name, Partitions, topicSettings)
                : Kafka.CreateTopicAsync(Name, Partitions, topicSettings)
        );
    }

    /// <summary>Another connection for the test's own eyes, after the server itself came back.</summary>
    public async Task ReconnectAsync(RedisServer? other = null)
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
        _connection = await (other ?? Redis).ConnectAsync();
    }

    public ServerProcess Start(string? fail = null, params string[] further)
    {
        var worker = (Settings with { Further = [.. Settings.Further, .. further] }).Start(fail);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Starts a worker and waits until it works.</summary>
    public async Task<ServerProcess> StartedAsync(string? fail = null, params string[] further)
    {
        var worker = Start(fail, further);
        await worker.SaysAsync("Working topic", Limit);
        return worker;
    }

    /// <summary>Keeps a server of the row's own until the row has been judged.</summary>
    public T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Add(server);
        return server;
    }

    /// <summary>What shows that the fault was really there.</summary>
    public void Observe(string what) => _observed.Add(what);

    public Task<string> RecoverAsync(params string[] further) =>
        Streamrec.RunAsync([
            "recover",
            "--topic",
            Name,
            "--group",
            Settings.Group,
            "--bootstrap",
            Kafka.Bootstrap,
            "--redis",
            Settings.Redis,
            "--prefix",
            Name,
            .. further,
        ]);

    /// <summary>Oracle L: until every partition's next offset is its log's end.</summary>
    public async Task SettledAsync(TimeSpan? limit = null)
    {
        var ends = TopicLog.EndsOf(Kafka.Bootstrap, Name, PartitionsNow);
        long[] next = [];
        await Wait.UntilAsync(
            "the lag returns to 0",
            async () =>
            {
                var failed = _workers.Find(w => w.HasExited && !Forgiven.Contains(w));
                if (failed is not null)
                {
                    throw new InvalidOperationException(
                        $"a worker ended with {failed.ExitCode}:\n{Tail(failed.Output)}"
                    );
                }
                try
                {
                    next = await Oracle.NextAsync();
                    if (next.Zip(ends).All(pair => pair.First >= pair.Second))
                    {
                        // What was re-routed lengthened the log meanwhile.
                        ends = TopicLog.EndsOf(Kafka.Bootstrap, Name, PartitionsNow);
                    }
                    return next.SequenceEqual(ends);
                }
                catch (RedisException)
                {
                    return false;
                }
            },
            limit ?? Limit,
            () =>
                $"next [{string.Join(',', next)}], "
                + $"ends [{string.Join(',', ends)}]\n{string.Join("\n--\n", _workers.Select(w => Tail(w.Output)))}"
        );
    }

    /// <summary>
    /// Until some batches are in the store. One that fails over closes this connection too, which is made anew.
    /// </summary>
    public Task WorkingAsync(long records) =>
        Wait.UntilAsync(
            $"{records} records are worked",
            async () =>
            {
                try
                {
                    return (await Oracle.NextAsync()).Sum(n => Math.Max(0, n)) >= records;
                }
                catch (RedisException)
                {
                    return false;
                }
            },
            Limit,
            () => string.Join("\n--\n", _workers.Select(w => Tail(w.Output)))
        );

    /// <summary>Workers that were meant to end.</summary>
    public HashSet<ServerProcess> Forgiven { get; } = [];

    /// <summary>Waits for a worker's end, which was meant.</summary>
    public async Task<int> EndsAsync(ServerProcess worker)
    {
        Forgiven.Add(worker);
        return await worker.ExitAsync(Limit);
    }

    public Task<int> KillAsync(ServerProcess worker)
    {
        Forgiven.Add(worker);
        worker.Kill();
        return worker.ExitAsync(Limit);
    }

    /// <summary>SIGTERM: a clean end, with exit code 0.</summary>
    public async Task StopAsync(ServerProcess worker)
    {
        Forgiven.Add(worker);
        worker.Terminate();
        var code = await worker.ExitAsync(Limit);
        if (code != 0)
        {
            throw new InvalidOperationException($"a worker ended with {code} after SIGTERM:\n{Tail(worker.Output)}");
        }
    }

    public async Task StopAllAsync()
    {
        foreach (var worker in _workers.Where(w => !w.HasExited))
        {
            await StopAsync(worker);
        }
    }

    /// <summary>Oracles S, J, K and the dead letters, on what is there now.</summary>
    public async Task<Verdict> JudgeAsync(bool journal = true, bool committed = true)
    {
        var verdict = new Verdict();
        var log = TopicLog.Read(Kafka.Bootstrap, Name, PartitionsNow);
        var fold = new ReferenceFold(Kept, PartitionsNow).Fold([.. Deleted, .. log.Records]);
        await Oracle.CheckStatesAsync(fold, verdict, StatesInAll);
        if (Models is null)
        {
            await Oracle.CheckListsAsync(fold, _lists, WorkerSettings.ListSize, verdict);
        }
        else
        {
            Models.Check([.. Deleted, .. log.Records], Kept, PartitionsNow, WorkerSettings.ListSize, verdict);
        }
        if (journal)
        {
            await Oracle.CheckJournalAsync(verdict);
            if (await Oracle.JournaledAsync() == 0)
            {
                verdict.Fault("J", "no step was journaled");
            }
        }
        var next = await Oracle.NextAsync();
        if (committed)
        {
            var stored = await Kafka.CommittedAsync(Settings.Group, Name, PartitionsNow);
            for (var p = 0; p < PartitionsNow; p++)
            {
                if (stored[p] > next[p])
                {
                    verdict.Fault("K", $"partition {p}: Kafka has {stored[p]} committed, n is {next[p]}");
                }
            }
        }
        if (!ReRouted && fold.Refused.Count > 0)
        {
            CheckLetters(fold, verdict);
        }
        return verdict;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
        Traffic.Dispose();
        _lists.Dispose();
        Models?.Dispose();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private void CheckLetters(ReferenceFold fold, Verdict verdict)
    {
        var topic = Name + ".dead-letters";
        var partitions = Kafka.Admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count;
        var kept = TopicLog
            .Read(Kafka.Bootstrap, topic, partitions)
            .Records.Select(letter =>
                (
                    int.Parse(Header(letter, "streamrec.partition"), null),
                    long.Parse(Header(letter, "streamrec.offset"), null)
                )
            )
            .ToHashSet();
        verdict.Dropped = fold.Refused.Except(kept).Count();
        if (verdict.Dropped > 0)
        {
            verdict.Fault("S", $"{verdict.Dropped} of {fold.Refused.Count} refused records are not in {topic}");
        }
        if (kept.Except(fold.Refused).Count() is var strangers and > 0)
        {
            verdict.Fault("S", $"{strangers} records in {topic} were fit for use");
        }
    }

    private static string Header(LoggedRecord record, string name) =>
        System.Text.Encoding.UTF8.GetString(record.Headers.GetLastBytes(name));

    private static string Tail(string output) => string.Join('\n', output.Split('\n').TakeLast(12));
}
