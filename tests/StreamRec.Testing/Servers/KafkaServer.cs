using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamRec.Testing.Servers;

/// <summary>
/// A real Kafka: one or three brokers on loopback, of this test's own; or one that was named by environment.
/// </summary>
internal sealed class KafkaServer : IAsyncDisposable
{
    private static readonly TimeSpan s_question = TimeSpan.FromSeconds(5);

    private readonly string? _home;
    private readonly string _directory;
    private readonly int _port;
    private bool _adopted;

    private KafkaServer(string? home, string directory, int port, int nodes, string bootstrap)
    {
        (_home, _directory, _port, Nodes, Bootstrap) = (home, directory, port, nodes, bootstrap);
        Admin = Client(bootstrap);
    }

    public int Nodes { get; }

    /// <summary>The plain listener.</summary>
    public string Bootstrap { get; }

    /// <summary>SASL_SSL, with --secure.</summary>
    public string SaslBootstrap => $"127.0.0.1:{_port + 20}";

    /// <summary>SSL with client certificates, with --secure.</summary>
    public string SslBootstrap => $"127.0.0.1:{_port + 40}";

    /// <summary>PEM files, with --secure.</summary>
    public string Certificates => Path.Combine(_directory, "tls");

    public IAdminClient Admin { get; }

    public static async Task<KafkaServer> StartAsync(int nodes = 1, bool secure = false)
    {
        if (Installed.Kafka is { } own && nodes == 1 && !secure)
        {
            return new(null, "", 0, 1, own);
        }
        var home = Installed.KafkaHome ?? throw new InvalidOperationException(Installed.WhyNoServers);
        if (Installed.KafkaDirectory is { } running && !secure)
        {
            var cluster = (await File.ReadAllTextAsync(Path.Combine(running, "cluster")))
                .Split(' ')
                .Select(int.Parse)
                .ToArray();
            return new(
                home,
                running,
                cluster[1],
                cluster[0],
                string.Join(',', Enumerable.Range(cluster[1], cluster[0]).Select(p => $"127.0.0.1:{p}"))
            )
            {
                _adopted = true,
            };
        }
        var directory = Directory.CreateTempSubdirectory("streamrec-kafka-").FullName;
        var port = Ports.Free(1, 2, 20, 21, 22, 40, 41, 42, 101, 102, 103);
        List<string> arguments = ["--nodes", $"{nodes}", "--port", $"{port}", "--dir", directory];
        if (secure)
        {
            arguments.Add("--secure");
        }
        Watchdog.WatchKafka(directory);
        var output = await RunAsync(Path.Combine(home, "start"), arguments);
        return new(home, directory, port, nodes, output.Trim().Split('\n')[^1]);
    }

    public int ProcessOf(int node) =>
        int.Parse(File.ReadAllText(Path.Combine(_directory, $"node-{node}", "pid")), null);

    public string DataOf(int node) => Path.Combine(_directory, $"node-{node}", "data");

    /// <summary>Kills a broker at once; <see cref="ReviveAsync"/> brings it back.</summary>
    public void Kill(int node) => Signals.Send(ProcessOf(node), Signals.Kill);

    /// <summary>Asks a broker to end in good order, and waits until it has.</summary>
    public async Task StopAsync(int node)
    {
        var process = ProcessOf(node);
        Signals.Send(process, Signals.Terminate);
        await Wait.UntilAsync(
            $"broker {node} ends",
            () => Signals.StateOf(process) is null or 'Z',
            TimeSpan.FromSeconds(60)
        );
    }

    public Task ReviveAsync(int node) =>
        RunAsync(Path.Combine(_home!, "start"), ["--dir", _directory, "--only", $"{node}"]);

    /// <summary>Runs one of Kafka's own tools.</summary>
    public Task<string> ToolAsync(params IEnumerable<string> arguments) =>
        RunAsync(Path.Combine(_home!, "tool"), [.. arguments, "--bootstrap-server", Bootstrap.Split(',')[0]]);

    public Task CreateTopicAsync(string topic, int partitions, params (string Name, string Value)[] settings) =>
        CreateTopicAsync(
            new TopicSpecification
            {
                Name = topic,
                NumPartitions = partitions,
                ReplicationFactor = (short)Nodes,
                Configs = settings.ToDictionary(s => s.Name, s => s.Value),
            },
            partitions
        );

    /// <summary>A topic all of whose partitions are on the brokers given, the first being preferred.</summary>
    public Task CreateTopicOnAsync(
        List<int> brokers,
        string topic,
        int partitions,
        params (string Name, string Value)[] settings
    ) =>
        CreateTopicAsync(
            new TopicSpecification
            {
                Name = topic,
                NumPartitions = partitions,
                ReplicationFactor = -1, // the client takes an assignment with these alone
                ReplicasAssignments = Enumerable.Range(0, partitions).ToDictionary(p => p, _ => brokers),
                Configs = settings.ToDictionary(s => s.Name, s => s.Value),
            },
            partitions
        );

    /// <summary>Deletes a topic, and makes it under the same name.</summary>
    public async Task CreateAnewAsync(string topic, int partitions, params (string Name, string Value)[] settings)
    {
        await Admin.DeleteTopicsAsync([topic]);
        await Wait.UntilAsync(
            "the topic can be made anew",
            async () =>
            {
                try
                {
                    await CreateTopicAsync(topic, partitions, settings);
                    return true;
                }
                catch (CreateTopicsException)
                {
                    return !Admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Error.IsError;
                }
            },
            TimeSpan.FromMinutes(3)
        );
    }

    private async Task CreateTopicAsync(TopicSpecification specification, int partitions)
    {
        var topic = specification.Name;
        await Admin.CreateTopicsAsync([specification]);
        await Wait.UntilAsync(
            $"topic {topic} has {partitions} partitions with leaders",
            () =>
            {
                var found = Admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single();
                return !found.Error.IsError
                    && found.Partitions.Count == partitions
                    && found.Partitions.All(p => p.Leader >= 0);
            },
            TimeSpan.FromSeconds(30)
        );
    }

    /// <summary>The broker that leads a partition.</summary>
    public int LeaderOf(string topic, int partition) =>
        Admin
            .GetMetadata(topic, TimeSpan.FromSeconds(10))
            .Topics.Single()
            .Partitions.Single(p => p.PartitionId == partition)
            .Leader;

    /// <summary>A group as its coordinator knows it.</summary>
    public async Task<ConsumerGroupDescription> DescribeAsync(string group) =>
        (
            await AskedAsync(
                $"group {group} is described",
                admin =>
                    admin.DescribeConsumerGroupsAsync(
                        [group],
                        new DescribeConsumerGroupsOptions { RequestTimeout = s_question }
                    )
            )
        ).ConsumerGroupDescriptions.Single();

    /// <summary>Every partition's committed offset of a group; -1 where there is none.</summary>
    public async Task<long[]> CommittedAsync(string group, string topic, int partitions)
    {
        var answer = await AskedAsync(
            $"group {group} tells its offsets",
            admin =>
                admin.ListConsumerGroupOffsetsAsync(
                    [
                        new ConsumerGroupTopicPartitions(
                            group,
                            [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))]
                        ),
                    ],
                    new ListConsumerGroupOffsetsOptions { RequestTimeout = s_question }
                )
        );
        return
        [
            .. answer[0]
                .Partitions.OrderBy(p => p.Partition.Value)
                .Select(p => p.Offset.Value < 0 ? -1 : p.Offset.Value),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        if (_home is not null && !_adopted)
        {
            for (var node = 1; node <= Nodes; node++)
            {
                // A stopped one would not end.
                Signals.Send(ProcessOf(node), Signals.Kill);
            }
            await RunAsync(Path.Combine(_home, "stop"), ["--dir", _directory]);
            Watchdog.ForgetKafka(_directory);
        }
    }

    // The broker that would answer may be away, or have become another. Of a new client each time: one that has seen
    // its coordinator go can go on asking that one.
    private async Task<T> AskedAsync<T>(string what, Func<IAdminClient, Task<T>> ask)
    {
        T answer = default!;
        KafkaException? last = null;
        await Wait.UntilAsync(
            what,
            async () =>
            {
                try
                {
                    using var admin = Client(Bootstrap);
                    answer = await ask(admin);
                    return true;
                }
                catch (KafkaException fault)
                {
                    last = fault;
                    return false;
                }
            },
            TimeSpan.FromMinutes(2),
            () => $"{last?.Message}"
        );
        return answer;
    }

    private static IAdminClient Client(string bootstrap) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap })
            .SetLogHandler((_, _) => { })
            .Build();

    private static async Task<string> RunAsync(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        Watchdog.Watch(process.Id);
        var errors = process.StandardError.ReadToEndAsync();
        // Not to the end of the stream: what was started keeps it open.
        var output = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.BeginOutputReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        await process.WaitForExitAsync(limit.Token);
        Watchdog.Forget(process.Id);
        return process.ExitCode == 0
            ? output.ToString()
            : throw new InvalidOperationException(
                $"{file} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await errors}"
            );
    }
}
