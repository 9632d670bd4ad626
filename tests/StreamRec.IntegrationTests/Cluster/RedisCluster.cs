using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>A Redis Cluster of this test's own on loopback: three masters, three replicas.</summary>
public sealed class RedisCluster : IAsyncLifetime
{
    private const int Nodes = 6;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly Dictionary<int, ServerProcess> _nodes = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-cluster-");
    private ConnectionMultiplexer? _connection;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyNot =>
        Array.Find(["redis-server", "redis-cli"], program => !IsOnPath(program)) is { } missing
            ? $"no {missing} on the path: install it"
            : null;

    /// <summary>host:port of all nodes, commas between.</summary>
    public string Address => string.Join(',', _nodes.Keys.Order().Select(port => $"127.0.0.1:{port}"));

    /// <summary>A plain reader's connection.</summary>
    public IConnectionMultiplexer Connection => _connection!;

    public async Task InitializeAsync()
    {
        if (WhyNot is not null)
        {
            return;
        }
        foreach (var port in FreePorts())
        {
            Start(port);
        }
        foreach (var port in _nodes.Keys)
        {
            await UntilAsync($"node {port} answers", async () => await CliAsync(port, "PING") == "PONG");
        }
        await RunAsync(
            "redis-cli",
            [
                "--cluster",
                "create",
                .. _nodes.Keys.Order().Select(p => $"127.0.0.1:{p}"),
                "--cluster-replicas",
                "1",
                "--cluster-yes",
            ]
        );
        await HealthyAsync();
        var options = ConfigurationOptions.Parse(Address);
        options.AllowAdmin = true;
        _connection = await ConnectionMultiplexer.ConnectAsync(options);
    }

    private IEnumerable<int> Answering =>
        _nodes.Where(node => node.Value is { HasExited: false, IsStopped: false }).Select(node => node.Key);

    /// <summary>The port of the master that holds a key.</summary>
    public async Task<int> MasterOfAsync(RedisKey key) => await MasterOfSlotAsync(Connection.GetHashSlot(key));

    /// <summary>The ports of all masters.</summary>
    public async Task<IReadOnlyCollection<int>> MastersAsync() => (await MapAsync()).Keys;

    /// <summary>The slots that a master holds.</summary>
    public async Task<IReadOnlySet<int>> SlotsOfAsync(int master) => (await MapAsync())[master];

    /// <summary>Runs a command on every node, as users need: each node has its own.</summary>
    public async Task OnEachAsync(params string[] command)
    {
        foreach (var port in _nodes.Keys)
        {
            await OkAsync(port, command);
        }
    }

    /// <summary>Runs a command on one node.</summary>
    public static async Task OkAsync(int port, params string[] command)
    {
        var answer = await CliAsync(port, command);
        if (answer != "OK")
        {
            throw new InvalidOperationException($"node {port} answers {string.Join(' ', command)} with: {answer}");
        }
    }

    /// <summary>What a node answers to a command.</summary>
    public static Task<string> CliAsync(int port, params string[] command) =>
        RunAsync("redis-cli", ["-p", $"{port}", .. command], mustSucceed: false);

    /// <summary>Kills a node at once.</summary>
    public Task KillAsync(int port)
    {
        _nodes[port].Kill();
        return _nodes[port].ExitAsync(s_limit);
    }

    /// <summary>Stops the replica of a master's shard from answering, and returns its port.</summary>
    public async Task<int> PauseReplicaOfAsync(int master)
    {
        var replica = await ReplicaOfAsync(master);
        _nodes[replica].Pause();
        // Until it has stopped, it counts as one that answers.
        await UntilAsync($"node {replica} stops", () => Task.FromResult(_nodes[replica].IsStopped));
        return replica;
    }

    /// <summary>Asks the replica of a master's shard to take over; the master lives, and becomes the replica.</summary>
    public async Task HandOverAsync(int master) => await OkAsync(await ReplicaOfAsync(master), "CLUSTER", "FAILOVER");

    /// <summary>How often a node answered with an error.</summary>
    public static Task<long> ErrorsAsync(int port, string error) =>
        CountAsync(port, "errorstats", $"errorstat_{error}", "count");

    /// <summary>How often a node refused or redirected a command, without running it.</summary>
    public static Task<long> RefusedAsync(int port, string command) =>
        CountAsync(port, "commandstats", $"cmdstat_{command}", "rejected_calls");

    /// <summary>Lets a node go on, and waits until all is well.</summary>
    public Task ResumeAsync(int port)
    {
        _nodes[port].Resume();
        return HealthyAsync();
    }

    /// <summary>
    /// Waits until another node has taken over the slot of a key, and every node that is left serves its own again.
    /// </summary>
    public Task TakenOverAsync(RedisKey key, int from) =>
        UntilAsync(
            $"the slot of {key} leaves node {from}",
            async () =>
            {
                foreach (var port in Answering)
                {
                    if (
                        !(await CliAsync(port, "CLUSTER", "INFO")).Contains(
                            "cluster_state:ok",
                            StringComparison.Ordinal
                        )
                    )
                    {
                        return false;
                    }
                }
                return await MasterOfAsync(key) is var master && master != from && master > 0;
            }
        );

    /// <summary>Starts a node again, as the replica that it has become, and waits until all is well.</summary>
    public async Task ReviveAsync(int port)
    {
        _nodes[port].Dispose();
        Start(port);
        await HealthyAsync();
    }

    /// <summary>Waits until every node knows all slots, and every master has its replica, in step.</summary>
    public Task HealthyAsync() =>
        UntilAsync(
            "the cluster is whole",
            async () =>
            {
                foreach (var port in _nodes.Keys)
                {
                    var info = await CliAsync(port, "CLUSTER", "INFO");
                    var nodes = await CliAsync(port, "CLUSTER", "NODES");
                    var role = await CliAsync(port, "INFO", "replication");
                    if (
                        !info.Contains("cluster_state:ok", StringComparison.Ordinal)
                        || nodes
                            .Split('\n')
                            .Count(line =>
                                line.Contains("master", StringComparison.Ordinal)
                                && line.Contains("connected ", StringComparison.Ordinal)
                            ) != 3
                        || nodes.Contains("fail", StringComparison.Ordinal)
                        || (
                            role.Contains("role:master", StringComparison.Ordinal)
                            && !role.Contains("state=online", StringComparison.Ordinal)
                        )
                    )
                    {
                        return false;
                    }
                }
                return true;
            }
        );

    public async Task DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }
        _directory.Delete(recursive: true);
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private async Task<int> MasterOfSlotAsync(int slot) =>
        (await MapAsync()).FirstOrDefault(master => master.Value.Contains(slot)).Key;

    // The masters that nobody calls failed, and their slots.
    private async Task<Dictionary<int, HashSet<int>>> MapAsync()
    {
        var alive = Answering.First();
        var map = new Dictionary<int, HashSet<int>>();
        foreach (var line in (await CliAsync(alive, "CLUSTER", "NODES")).Split('\n'))
        {
            var parts = line.Split(' ');
            if (
                parts.Length > 8
                && parts[2].Contains("master", StringComparison.Ordinal)
                && !parts[2].Contains("fail", StringComparison.Ordinal)
            )
            {
                map[int.Parse(parts[1].Split('@')[0].Split(':')[1], null)] =
                [
                    .. parts
                        .Skip(8)
                        .Where(range => !range.StartsWith('['))
                        .Select(range => range.Split('-'))
                        .SelectMany(range =>
                            Enumerable.Range(
                                int.Parse(range[0], null),
                                int.Parse(range[^1], null) - int.Parse(range[0], null) + 1
                            )
                        ),
                ];
            }
        }
        return map;
    }

    private void Start(int port)
    {
        var directory = _directory.CreateSubdirectory($"{port}").FullName;
        string[] arguments =
        [
            "--port",
            $"{port}",
            "--bind",
            "127.0.0.1",
            "--dir",
            directory,
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory-policy",
            "noeviction",
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "1500",
            "--logfile",
            Path.Combine(directory, "log"),
            "--repl-diskless-sync-delay",
            "0",
        ];
        _nodes[port] = new ServerProcess("redis-server", arguments);
    }

    private static async Task<int> ReplicaOfAsync(int master)
    {
        var nodes = (await CliAsync(master, "CLUSTER", "NODES")).Split('\n').Select(line => line.Split(' ')).ToArray();
        var id = nodes.Single(node => node[2].Contains("myself", StringComparison.Ordinal))[0];
        return int.Parse(nodes.Single(node => node[3] == id)[1].Split('@')[0].Split(':')[1], null);
    }

    // A line such as `cmdstat_get:calls=2,rejected_calls=1`; none for what never happened.
    private static async Task<long> CountAsync(int port, string section, string name, string field)
    {
        var line = (await CliAsync(port, "INFO", section))
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return line is null
            ? 0
            : line[(name.Length + 1)..]
                .Trim()
                .Split(',')
                .Select(pair => pair.Split('='))
                .Where(pair => pair[0] == field)
                .Select(pair => long.Parse(pair[1], null))
                .Single();
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, bool mustSucceed = true)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 || !mustSucceed
            ? output.Trim()
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}{await errors}");
    }

    private static Task UntilAsync(string what, Func<Task<bool>> holds) => Wait.UntilAsync(what, holds, s_limit);

    // Low enough that the bus port, 10,000 above, is one too; below what the system gives out by itself.
    private static List<int> FreePorts()
    {
        var ports = new List<int>();
        for (var port = Random.Shared.Next(11_000, 20_000); ports.Count < Nodes; port++)
        {
            if (IsFree(port) && IsFree(port + 10_000))
            {
                ports.Add(port);
            }
        }
        return ports;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

[CollectionDefinition(nameof(RedisCluster))]
public sealed class RedisClusterCollection : ICollectionFixture<RedisCluster>;

/// <summary>A test on a Redis Cluster. Where there can be none, it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = RedisCluster.WhyNot is { } why ? $"Skipped: {why}." : null;
}

/// <summary>As <see cref="ClusterFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = RedisCluster.WhyNot is { } why ? $"Skipped: {why}." : null;
}

/// <summary>A test on a Redis Cluster and a real Kafka. Where they are not, it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClusterFactAttribute : FactAttribute
{
    public KafkaClusterFactAttribute() =>
        Skip = (RedisCluster.WhyNot ?? Installed.WhyNoServers) is { } why ? $"Skipped: {why}." : null;
}
