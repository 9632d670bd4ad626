using System.Diagnostics;
using Confluent.Kafka;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// A worker that comes to its group under a name (static membership). Under the consumer protocol the name of one that
/// was killed is taken until its session is over; only who has it for longer is another worker.
/// </summary>
internal sealed class NameWait(GroupSettings group)
{
    /// <summary>
    /// No session lasts longer where the broker's group.consumer.max.session.timeout.ms is the standard one.
    /// </summary>
    private static readonly TimeSpan s_longestSession = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();
    private bool _taken;

    /// <summary>Told, in a sentence, what the worker waits for.</summary>
    public event Action<string>? Waiting;

    /// <summary>The worker is a member: who takes its name from now on is another one.</summary>
    public void Taken() => _taken = true;

    /// <summary>
    /// Waits before the group is asked again, by a new client: one that was refused does nothing more.
    /// </summary>
    /// <exception cref="StreamRecException">The refusal is another one, or the name was taken for too long.</exception>
    public void Await(Error refusal, CancellationToken cancel)
    {
        if (
            _taken
            || refusal.Code != ErrorCode.UnreleasedInstanceId
            || Stopwatch.GetElapsedTime(_began) > s_longestSession + s_again
        )
        {
            throw GroupConsumer.Explain(refusal, group);
        }
        Waiting?.Invoke(
            $"The name '{group.InstanceId}' is taken in group '{group.Name}': by a worker that was killed, until its "
                + $"session is over ({s_longestSession.TotalSeconds} s at most), or by one that runs."
        );
        cancel.WaitHandle.WaitOne(s_again);
    }
}
