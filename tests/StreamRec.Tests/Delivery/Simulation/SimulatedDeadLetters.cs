using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>The dead-letter topic, whose broker can be away.</summary>
internal sealed class SimulatedDeadLetters(SimulatedLoop loop) : IDeadLetters
{
    public HashSet<(int Partition, long Offset)> Kept { get; } = [];

    /// <summary>Virtual time until which nothing is acknowledged.</summary>
    public long DownUntilMs { get; set; }

    public int Refused { get; private set; }

    public async Task PublishAsync(
        PartitionIdentity partition,
        IReadOnlyList<DeadLetter> letters,
        CancellationToken cancel
    )
    {
        await Task.Yield();
        if (loop.NowMs < DownUntilMs)
        {
            Refused++;
            throw new TimeoutException();
        }
        Kept.UnionWith(letters.Select(l => (partition.Partition, l.Record.Offset)));
    }
}
