using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StreamRec.Client.DependencyInjection;

/// <summary>Whether lists can be read, asked as they are read.</summary>
internal sealed class ListsHealthCheck(IListReader reader) : IHealthCheck
{
    // One slow answer is not an outage.
    private const int Attempts = 3;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var result = await ReadAsync(cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; attempt < Attempts && IsOutage(result.Reason); attempt++)
        {
            result = await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        return result switch
        {
            { Source: ListSource.Popular } => HealthCheckResult.Healthy("Lists can be read."),
            { Reason: ListReason.NoList } => HealthCheckResult.Degraded(
                "Redis answers, but has no popular list: no worker ever wrote under this prefix."
            ),
            _ => new HealthCheckResult(
                context.Registration.FailureStatus,
                result.Reason == ListReason.TimedOut ? "Redis does not answer in time."
                    : result.Reason == ListReason.Unreadable ? "The popular list cannot be read."
                    : "Redis cannot be reached, or refuses.",
                result.Fault
            ),
        };
    }

    private static bool IsOutage(ListReason reason) => reason is ListReason.TimedOut or ListReason.Unreachable;

    private async Task<ListResult> ReadAsync(CancellationToken cancel)
    {
        try
        {
            return await reader.ReadPopularAsync(cancel).ConfigureAwait(false);
        }
        catch (ListReadException fault)
        {
            return new()
            {
                UserId = "",
                Source = ListSource.None,
                Reason = fault.Reason,
                AsOf = default,
                Fault = fault,
            };
        }
    }
}
