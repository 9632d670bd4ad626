using Microsoft.Extensions.Logging;
using StreamRec.Events;
using StreamRec.Serving;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Names users for whom the model has no usable vector: the first ones, then ever fewer, each with how many times
/// there were.
/// </summary>
internal sealed partial class UnlistedUsers(EventCounters counters, ILogger log)
{
    private const long AllUpTo = 10;

    private long _told;

    /// <summary>From any thread.</summary>
    public void Tell(string user)
    {
        var times = Interlocked.Increment(ref _told);
        if (times <= AllUpTo || long.IsPow2(times))
        {
            LogUnlisted(log, Excerpt.Of(user), counters.NotEncodable);
        }
    }

    [LoggerMessage(
        28,
        LogLevel.Warning,
        "User '{User}' gets no list, since the model's vector is not finite or far too large ({Times} lists "
            + "lack so far). "
            + "The events are kept; lists of such users need another bundle"
    )]
    private static partial void LogUnlisted(ILogger log, string user, long times);
}
