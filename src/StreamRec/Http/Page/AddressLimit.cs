using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace StreamRec.Http.Page;

/// <summary>Few requests a second from each address.</summary>
internal sealed class AddressLimit : IDisposable
{
    /// <summary>The most in a second.</summary>
    public const int Most = 5;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address =>
            RateLimitPartition.GetFixedWindowLimiter(
                address,
                _ => new FixedWindowRateLimiterOptions { PermitLimit = Most, Window = TimeSpan.FromSeconds(1) }
            )
    );

    /// <summary>Whether one more may be answered now.</summary>
    public bool Takes(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context.Connection.RemoteIpAddress ?? IPAddress.None);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
