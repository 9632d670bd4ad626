using System.Net;
using System.Net.Sockets;

namespace StreamRec.Redis.Connection;

/// <summary>Asks a host by itself why nothing came of a connection, where the client says no more than that.</summary>
internal static class RedisProbe
{
    private const string Stranger =
        "was reached, but does not answer as Redis does. Is it Redis's port, and does "
        + "Redis speak TLS there (RedisTls, rediss://)?";

    private const int MostBytes = 200;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    /// <returns>What is told behind Redis's name; null where it answers as Redis does, so that the reason is
    /// another.</returns>
    public static async Task<string?> WhyAsync(EndPoint place, bool tls, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(place, limit.Token);
            return tls ? null : await AskAsync(socket, limit.Token);
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                ? "cannot be reached: nobody knows this host's name. Is --redis right?"
                : $"cannot be reached ({fault.Message}). Is it running, and is --redis right?";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return socket.Connected
                ? Stranger
                : "cannot be reached: nothing came back in time. Is it running, is --redis right, and does a firewall "
                    + "let it through?";
        }
    }

    private static async Task<string?> AskAsync(Socket socket, CancellationToken cancel)
    {
        var answer = new byte[MostBytes];
        var length = 0;
        try
        {
            await socket.SendAsync("PING\r\n"u8.ToArray(), cancel);
            length = await socket.ReceiveAsync(answer, cancel);
        }
        catch (SocketException)
        {
            // It hung up: told below.
        }
        var line = System.Text.Encoding.UTF8.GetString(answer, 0, length).Split('\r')[0];
        return line.StartsWith('+') || line.StartsWith("-NOAUTH", StringComparison.Ordinal) ? null
            : line.StartsWith('-') ? RedisRefusal.Explain(line[1..])
            : Stranger;
    }
}
