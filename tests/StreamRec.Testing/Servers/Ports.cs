using System.Net;
using System.Net.Sockets;

namespace StreamRec.Testing.Servers;

/// <summary>Free ports of the loopback interface.</summary>
internal static class Ports
{
    private static readonly Random s_random = new(Environment.ProcessId);
    private static readonly HashSet<int> s_given = [];

    /// <summary>
    /// A port below the ephemeral range such that it and its neighbours at <paramref name="offsets"/> are free.
    /// </summary>
    public static int Free(params ReadOnlySpan<int> offsets)
    {
        while (true)
        {
            var port = s_random.Next(15_000, 31_000);
            var free = TryTake(port);
            foreach (var offset in offsets)
            {
                free &= TryTake(port + offset);
            }
            if (free)
            {
                return port;
            }
        }
    }

    private static bool TryTake(int port)
    {
        lock (s_given)
        {
            if (!s_given.Add(port))
            {
                return false;
            }
        }
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
