using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StreamRec.Client.Kafka;

/// <summary>Whether events can be published, asked on the publisher's own connections.</summary>
internal sealed class PublisherHealthCheck(EventPublisher publisher) : IHealthCheck
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await publisher.CheckAsync(s_limit, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy("Brokers answer.");
        }
        catch (KafkaException fault)
        {
            return new(
                context.Registration.FailureStatus,
                $"Kafka does not answer, or has no such topic: {fault.Error.Reason}",
                fault
            );
        }
        catch (InvalidOperationException fault)
        {
            return new(context.Registration.FailureStatus, fault.Message, fault);
        }
    }
}
