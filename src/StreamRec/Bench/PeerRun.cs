using System.Diagnostics;
using Confluent.Kafka;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Bench;

/// <summary>
/// Another worker over the log that ours has worked: in a process of its own, with a group and a prefix of its own,
/// after ours has stopped.
/// </summary>
/// <remarks>
/// How far it is, is what its group has committed: it must commit as it goes. Its CPU time is that of the process that
/// the command starts, so a shell that starts another would not be counted.
/// </remarks>
internal sealed class PeerRun(
    BenchOptions options,
    KafkaSettings settings,
    string topic,
    string group,
    Action<string> say
)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_asked = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(40);

    /// <summary>Starts it, waits until it has worked the whole topic, and stops it.</summary>
    /// <param name="command">Its command, words parted by blanks.</param>
    /// <param name="arguments">What it gets behind them, as `streamrec work` would.</param>
    /// <returns>Its rates over the backlog's events from <see cref="BenchOptions.CountedFrom"/> on.</returns>
    /// <exception cref="StreamRecException">It cannot be started, ended by itself, or made no progress for two
    /// minutes.</exception>
    public async Task<PeerFigures> RunAsync(string command, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var consumer = AssignedConsumer.Open(settings, group);
        var (file, words) = Split(command);
        say($"The peer {file} works the same backlog …");
        using var process = ChildProcess.Start(file, [.. words, .. arguments]);
        var from = await ReachAsync(consumer, process, options.CountedFrom, stop);
        var (start, cpu) = (Stopwatch.GetTimestamp(), Cpu(process));
        var to = await ReachAsync(consumer, process, options.Events, stop);
        var (seconds, cpuSeconds) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Cpu(process) - cpu);
        var figures = PeerFigures.Of(to - from, seconds, cpuSeconds);
        say($"{figures.EventsPerSecond} events/s, {figures.EventsPerCpuSecond} a CPU-second");
        await ReachAsync(consumer, process, End(), stop);
        await process.StopAsync(s_drain);
        return figures;
    }

    /// <summary>The program and its arguments; blanks part words, and nothing quotes them.</summary>
    internal static (string File, string[] Arguments) Split(string command)
    {
        var words = command.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (words[0], words[1..]);
    }

    private static double Cpu(ChildProcess process)
    {
        process.ThrowIfEnded("The peer");
        return process.CpuSeconds;
    }

    private async Task<long> ReachAsync(
        IConsumer<byte[], byte[]> consumer,
        ChildProcess process,
        long wanted,
        CancellationToken stop
    )
    {
        var (last, since) = (-1L, Stopwatch.StartNew());
        while (true)
        {
            var committed = await Blocking.RunAsync(() => consumer.Committed(Partitions, s_asked));
            var reached = committed.Sum(place => Math.Max(0, place.Offset.Value));
            if (reached >= wanted)
            {
                return reached;
            }
            process.ThrowIfEnded("The peer");
            if (reached > last)
            {
                (last, since) = (reached, Stopwatch.StartNew());
            }
            else if (since.Elapsed > s_patience)
            {
                throw new StreamRecException(
                    $"The peer has committed {reached} of {wanted} records to group '{group}', "
                        + $"and no more for {s_patience.TotalMinutes} minutes: {process.LastWords}",
                    FaultKind.Failure
                );
            }
            await Task.Delay(s_poll, stop);
        }
    }

    private long End()
    {
        var probe = new LogProbe(settings, group + "-end");
        return Partitions.Sum(partition => probe.Bounds(partition).High);
    }

    private IEnumerable<TopicPartition> Partitions =>
        Enumerable.Range(0, options.Partitions).Select(p => new TopicPartition(topic, p));
}

/// <summary>What was measured of a peer.</summary>
internal sealed record PeerFigures(double EventsPerSecond, double EventsPerCpuSecond)
{
    /// <exception cref="StreamRecException">It commits too rarely for rates to be told.</exception>
    public static PeerFigures Of(long records, double seconds, double cpuSeconds) =>
        records > 0 && seconds > 0 && cpuSeconds > 0
            ? new(Math.Round(records / seconds), Math.Round(records / cpuSeconds))
            : throw new StreamRecException(
                "The peer commits too rarely to be measured: its first commit was behind the counted events. "
                    + "Commit more often, or give more --events.",
                FaultKind.Failure
            );
}
