using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamRec.Bench;

/// <summary>
/// A real Kafka and a real Redis: those that were named, or processes of our own on free loopback ports.
/// </summary>
/// <remarks>Nothing embedded takes their place: its figures would say nothing.</remarks>
internal sealed class BenchServers : IAsyncDisposable
{
    private const string HomeVariable = "STREAMREC_KAFKA_HOME";
    private static readonly TimeSpan s_stop = TimeSpan.FromSeconds(10);

    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-bench-").FullName;
    private ChildProcess? _redis;
    private string? _kafkaHome;

    public string Bootstrap { get; private set; } = "";

    public string Redis { get; private set; } = "";

    /// <summary>Where a made bundle may stand.</summary>
    public string Scratch => _directory;

    public static async Task<BenchServers> StartAsync(BenchOptions options)
    {
        var servers = new BenchServers();
        try
        {
            servers.Redis = options.Redis ?? servers.StartRedis();
            servers.Bootstrap = options.Bootstrap ?? await servers.StartKafkaAsync(options.KafkaHome);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.StopAsync(s_stop);
            _redis.Dispose();
        }
        if (_kafkaHome is not null)
        {
            using var stop = Process.Start(Path.Combine(_kafkaHome, "stop"), ["--dir", KafkaDirectory]);
            await stop.WaitForExitAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private string KafkaDirectory => Path.Combine(_directory, "kafka");

    private string StartRedis()
    {
        var port = FreePort();
        _redis = ChildProcess.Start(
            "redis-server",
            [
                "--port",
                $"{port}",
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--maxmemory-policy",
                "noeviction",
                "--dir",
                _directory,
            ]
        );
        return $"127.0.0.1:{port}";
    }

    private async Task<string> StartKafkaAsync(string? home)
    {
        var named =
            home
            ?? Environment.GetEnvironmentVariable(HomeVariable)
            ?? throw new StreamRecException(
                "There is no Kafka to measure with: give --bootstrap, "
                    + $"or a folder with `start` and `stop` by --kafka-home or {HomeVariable}.",
                FaultKind.Usage
            );
        _kafkaHome = File.Exists(Path.Combine(named, "start"))
            ? named
            : throw new StreamRecException(
                $"There is no `start` in '{named}': give a folder with `start` and `stop` of a Kafka, or --bootstrap.",
                FaultKind.Usage
            );
        using var start = Process.Start(
            new ProcessStartInfo(
                Path.Combine(_kafkaHome, "start"),
                ["--port", $"{FreePort()}", "--dir", KafkaDirectory]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var output = await start.StandardOutput.ReadToEndAsync();
        await start.WaitForExitAsync();
        return start.ExitCode == 0
            ? output.Trim().Split('\n')[^1].Trim()
            : throw new StreamRecException(
                $"{_kafkaHome}/start ended with {start.ExitCode}: {output.Trim()}",
                FaultKind.Unreachable
            );
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
