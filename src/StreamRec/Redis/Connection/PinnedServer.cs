using StackExchange.Redis;

namespace StreamRec.Redis.Connection;

/// <summary>
/// Commands to one server, where it matters which connection they take: WAIT knows of its own one's writes alone.
/// </summary>
internal static class PinnedServer
{
    /// <summary>Never redirected: an answer from another server would be one of another connection.</summary>
    public static Task<RedisResult> SendAsync(this IServer server, string command, params object[] arguments) =>
        server.ExecuteAsync(command, arguments, CommandFlags.NoRedirect);

    /// <summary>
    /// The connection's number on the server, and the ports at both its ends: no two connections share them all.
    /// </summary>
    public static async Task<string> ConnectionAsync(this IServer server)
    {
        var info = (string)(await server.SendAsync("CLIENT", "INFO"))!;
        return string.Join(
            ' ',
            info.Split(' ')
                .Where(part =>
                    part.StartsWith("id=", StringComparison.Ordinal)
                    || part.StartsWith("addr=", StringComparison.Ordinal)
                    || part.StartsWith("laddr=", StringComparison.Ordinal)
                )
        );
    }
}
