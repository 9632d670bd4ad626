using System.Globalization;
using System.Net;
using StreamRec.Events;

namespace StreamRec.Options;

/// <summary>Where a server listens.</summary>
/// <param name="Option">By which it was given.</param>
/// <param name="Address">Null for all addresses.</param>
/// <param name="Port">0: one that is free.</param>
internal sealed record ListenAddress(string Option, string Given, IPAddress? Address, int Port)
{
    public const string Metrics = "--metrics",
        Page = "--http";

    /// <summary>Whether this machine alone reaches it.</summary>
    public bool IsLoopback => Address is not null && IPAddress.IsLoopback(Address);

    /// <summary>Reads <c>HOST:PORT</c>, where the host is an address, <c>localhost</c>, <c>*</c> or nothing.</summary>
    /// <exception cref="StreamRecException">It is none.</exception>
    public static ListenAddress Parse(string text, string option = Metrics)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        if (
            colon >= 0
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        )
        {
            switch (host)
            {
                case "" or "*":
                    return new(option, text, null, port);
                case "localhost":
                    return new(option, text, IPAddress.Loopback, port);
                // An IPv6 address in brackets, since it has colons of its own.
                case ['[', .. var inner, ']'] when IPAddress.TryParse(inner, out var address):
                    return new(option, text, address, port);
                case var _ when !host.Contains(':') && IPAddress.TryParse(host, out var address):
                    return new(option, text, address, port);
            }
        }
        throw new StreamRecException(
            $"{option} is '{Excerpt.Of(text)}': give an address of this machine and a port, such as "
                + "127.0.0.1:9464, [::1]:9464, or :9464 for all addresses.",
            FaultKind.Usage
        );
    }
}
