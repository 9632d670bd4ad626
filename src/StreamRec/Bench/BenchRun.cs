using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Models;
using StreamRec.Probes;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Serving;
using StreamRec.Training.Runs;

namespace StreamRec.Bench;

/// <summary>
/// One load run: a backlog as fast as it goes, then an open loop at a rate, then the check; then a peer over the same
/// log.
/// </summary>
internal sealed class BenchRun(BenchOptions options, Action<string> say)
{
    private const int ListSize = 100,
        Sampled = 200;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_flush = TimeSpan.FromMinutes(2);

    private readonly string _name = $"bench-{Guid.NewGuid().ToString("N")[..8]}";

    public async Task<BenchReport> RunAsync(CancellationToken stop)
    {
        options.Validate();
        await using var servers = await BenchServers.StartAsync(options);
        var bundlePath = options.Bundle ?? Make(Path.Combine(servers.Scratch, "bundle"));
        var bundle = Bundle.Load(bundlePath);
        var settings = new KafkaSettings(servers.Bootstrap);
        await using var redis = await RedisConnection.ConnectAsync(new RedisSettings(servers.Redis), cancel: stop);
        await CreateTopicAsync(settings);
        var events = new BenchEvents(
            bundle.ItemIds,
            options.Users,
            options.HotPartition ? options.Partitions : 0,
            TimeProvider.System.GetUtcNow().AddDays(-2).ToUnixTimeMilliseconds()
        );
        using var producer = new EventProducer(settings, _name);
        say(
            $"{options.Events} events of {options.Users} users on {bundle.Manifest.Items} items to "
                + $"{servers.Bootstrap} …"
        );
        for (var i = 0; i < options.Events; i++)
        {
            producer.Publish(events.Next());
        }
        producer.Flush(s_flush);
        string[] Arguments(string name) =>
            [
                "--bundle",
                bundlePath,
                "--topic",
                _name,
                "--group",
                name,
                "--prefix",
                name,
                "--bootstrap",
                servers.Bootstrap,
                "--redis",
                servers.Redis,
            ];
        WorkerProcess[] workers =
        [
            .. Enumerable
                .Range(0, options.Processes)
                .Select(_ => WorkerProcess.Start([.. Arguments(_name), .. options.Work])),
        ];
        BenchReport report;
        try
        {
            report = await MeasureAsync(bundle, settings, redis.GetDatabase(), events, producer, workers, stop);
        }
        finally
        {
            Array.ForEach(workers, worker => worker.Dispose());
        }
        if (options.Peer is null)
        {
            return report;
        }
        var peerName = _name + "-peer";
        var peer = await new PeerRun(options, settings, _name, peerName, say).RunAsync(
            options.Peer,
            Arguments(peerName),
            stop
        );
        say("Checking the peer's lists …");
        var (wrong, _) = await ListCheck.RunAsync(
            redis.GetDatabase(),
            new StoreKeys(peerName),
            bundle,
            events,
            Recommender.LeastKept(bundle),
            options.Checked,
            ListSize
        );
        return report with
        {
            PeerEventsPerSecond = peer.EventsPerSecond,
            PeerEventsPerCpuSecond = peer.EventsPerCpuSecond,
            PeerWrong = wrong,
        };
    }

    /// <summary>Makes a bundle as the options say and returns its directory.</summary>
    public string Make(string directory)
    {
        options.Validate();
        say($"Making a bundle of {options.Items} {options.Kind} items …");
        var model =
            options.Kind == "trained"
                ? MeasuringModel.Trained(options.Items, options.Dimension, options.Window, 1, BenchOptions.Seed)
                : MeasuringModel.Random(options.Items, options.Dimension, options.Window, 1, BenchOptions.Seed);
        BundleWriter.Write(directory, model.ToContents());
        return directory;
    }

    private async Task<BenchReport> MeasureAsync(
        Bundle bundle,
        KafkaSettings settings,
        IDatabase redis,
        BenchEvents events,
        EventProducer producer,
        WorkerProcess[] workers,
        CancellationToken stop
    )
    {
        double Cpu() => workers.Sum(worker => worker.Process.CpuSeconds);
        double Resident() => Math.Round(workers.Max(worker => worker.Process.ResidentMib), 1);
        say("Working the backlog …");
        var from = await ReachAsync(redis, workers, options.CountedFrom, stop);
        var (start, cpu, half, stolen) = (Stopwatch.GetTimestamp(), Cpu(), Resident(), new StolenTime());
        var to = await ReachAsync(redis, workers, options.Events, stop);
        var (seconds, cpuSeconds) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Cpu() - cpu);
        var report = new BenchReport
        {
            Cpu = Processor(),
            Items = bundle.Manifest.Items,
            Dimension = bundle.Manifest.Dimension,
            Window = bundle.Manifest.Window,
            Users = options.Users,
            Partitions = options.Partitions,
            Processes = options.Processes,
            Events = options.Events,
            EventsPerSecond = Math.Round((to - from) / seconds),
            EventsPerCpuSecond = Math.Round((to - from) / cpuSeconds),
            CpuSeconds = Cpu(),
            HalfMib = half,
            BacklogMib = Resident(),
            BacklogStolen = stolen.Percent,
        };
        say($"{report.EventsPerSecond} events/s, {report.EventsPerCpuSecond} a CPU-second");
        var keys = new StoreKeys(_name);
        if (options.Rate > 0)
        {
            say($"Open loop at {options.Rate} events/s …");
            var reader = new FreshnessReader(redis, keys);
            stolen = new StolenTime();
            var latency = await OpenLoop.RunAsync(events, producer, reader, options.Rate, options.Seconds, stop);
            (report.P50, report.P99, report.P999) = (
                latency.Percentile(.5),
                latency.Percentile(.99),
                latency.Percentile(.999)
            );
            (report.Rate, report.Unseen, report.RateStolen) = (options.Rate, reader.Waiting, stolen.Percent);
        }
        report.PeakMib = Math.Round(workers.Max(worker => worker.Process.PeakMib), 1);
        say("Checking lists …");
        (report.Wrong, report.Checked) = await ListCheck.RunAsync(
            redis,
            keys,
            bundle,
            events,
            Recommender.LeastKept(bundle),
            options.Checkable ? options.Checked : 0,
            ListSize
        );
        (report.StateBytes, report.ListBytes) = await RedisBytesAsync(redis, keys, events);
        await Task.WhenAll(workers.Select(worker => worker.StopAsync()));
        var records = (double)workers.Sum(worker => worker.Totals.Records);
        report.ListsPerEvent = Math.Round(workers.Sum(worker => worker.Totals.Lists) / records, 4);
        report.RecordsPerStep = Math.Round(records / workers.Sum(worker => worker.Totals.Steps), 2);
        report.Allocated = Math.Round(workers.Sum(worker => worker.Totals.Allocated) / records);
        report.AllocatedByClient = ClientAllocation.Measure(settings, _name) is { } bytes ? Math.Round(bytes) : null;
        return workers.All(worker => worker.Totals.DeadLetters == 0)
            ? report
            : throw new StreamRecException(
                "The worker refused events of the run: see topic " + _name + ".dead-letters.",
                FaultKind.Failure
            );
    }

    // The sum of next offsets is what was worked: the topic holds nothing but the run's records.
    private async Task<long> ReachAsync(IDatabase redis, WorkerProcess[] workers, long wanted, CancellationToken stop)
    {
        var keys = new StoreKeys(_name);
        while (true)
        {
            long reached = 0;
            for (var p = 0; p < options.Partitions; p++)
            {
                var next = await redis.HashGetAsync(
                    keys.Meta(new PartitionIdentity(_name, p, "", options.Partitions, "")),
                    "next"
                );
                reached += next.HasValue ? (long)next : 0;
            }
            if (reached >= wanted)
            {
                return reached;
            }
            Array.ForEach(workers, worker => worker.ThrowIfEnded());
            await Task.Delay(s_poll, stop);
        }
    }

    private async Task CreateTopicAsync(KafkaSettings settings)
    {
        using var admin = settings.Open(() =>
            new AdminClientBuilder(settings.Apply(new AdminClientConfig())).SetLogHandler(settings.Log.Write).Build()
        );
        try
        {
            await admin.CreateTopicsAsync([
                new TopicSpecification
                {
                    Name = _name,
                    NumPartitions = options.Partitions,
                    ReplicationFactor = 1,
                },
            ]);
        }
        catch (KafkaException fault)
        {
            throw settings.Unreachable($"does not make topic '{_name}' ({fault.Error.Reason})");
        }
    }

    private async Task<(double State, double List)> RedisBytesAsync(IDatabase redis, StoreKeys keys, BenchEvents events)
    {
        double states = 0,
            lists = 0,
            users = 0;
        foreach (var (id, _) in events.Sample(Sampled))
        {
            var partition = Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(id), options.Partitions);
            var state = await redis.ExecuteAsync(
                "MEMORY",
                "USAGE",
                keys.State(new PartitionIdentity(_name, partition, "", options.Partitions, ""), id)
            );
            var list = await redis.ExecuteAsync("MEMORY", "USAGE", keys.List(id));
            states += state.IsNull ? 0 : (long)state;
            lists += list.IsNull ? 0 : (long)list;
            users++;
        }
        return (Math.Round(states / users), Math.Round(lists / users));
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name"))?.Split(':', 2)[1].Trim()
        ?? "unknown";
}
