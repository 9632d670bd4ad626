using Confluent.Kafka;
using StreamRec.Redis.Connection;

namespace StreamRec.Commands;

/// <summary>
/// The last net: what a server's client threw, and nobody told nearer to where it was asked, is the server's fault all
/// the same, and no bug. Whose words may quote settings is not repeated.
/// </summary>
internal static class ServerFault
{
    /// <returns>What to tell; null where no server's client threw it.</returns>
    public static StreamRecException? Of(Exception fault)
    {
        foreach (var cause in Causes(fault))
        {
            if (cause is StreamRecException told)
            {
                return told;
            }
            if (cause is KafkaException { Error: var error })
            {
                return new(
                    $"Kafka, or its client, gave up: {error.Reason}. See that it runs, and run this again.",
                    FaultKind.Unreachable
                );
            }
            if (cause.GetType().Namespace?.StartsWith(nameof(StackExchange), StringComparison.Ordinal) == true)
            {
                return new($"Redis {RedisRefusal.Explain(cause)}", FaultKind.Unreachable);
            }
        }
        return null;
    }

    private static IEnumerable<Exception> Causes(Exception fault)
    {
        IEnumerable<Exception> inner =
            fault is AggregateException many ? many.InnerExceptions
            : fault.InnerException is { } one ? [one]
            : [];
        return inner.SelectMany(Causes).Prepend(fault);
    }
}
