using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StreamRec.Client.DependencyInjection;

/// <summary>Registers the health check of a reader.</summary>
public static class StreamRecHealthChecks
{
    /// <summary>The check's name; that of a named client follows, behind an underscore.</summary>
    public const string Lists = "streamrec_lists";

    /// <summary>
    /// Adds the check <see cref="Lists"/>: whether lists can be read, on the connection on which they are.
    /// </summary>
    /// <param name="builder">The program's.</param>
    /// <param name="name">Of the client; null: the one without a name.</param>
    /// <param name="failureStatus">What is told where Redis does not answer; null: unhealthy.</param>
    /// <param name="tags">For choosing among checks.</param>
    public static IHealthChecksBuilder AddStreamRecLists(
        this IHealthChecksBuilder builder,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                name is null ? Lists : $"{Lists}_{name}",
                provider => new ListsHealthCheck(
                    name is null
                        ? provider.GetRequiredService<IListReader>()
                        : provider.GetRequiredKeyedService<IListReader>(name)
                ),
                failureStatus,
                tags
            )
        );
    }
}
