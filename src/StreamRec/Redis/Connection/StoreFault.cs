using StackExchange.Redis;
using StreamRec.Delivery.Ports;

namespace StreamRec.Redis.Connection;

/// <summary>
/// Tells a store that refuses from one that does not answer. Either way the call may have been applied.
/// </summary>
internal static class StoreFault
{
    public static AmbiguousStoreException Of(Exception fault) =>
        fault switch
        {
            RedisServerException or RedisCommandException => new($"Redis refuses: {fault.Message}", fault)
            {
                Refused = true,
            },
            _ => new($"Redis did not answer: {fault.Message}", fault),
        };
}
