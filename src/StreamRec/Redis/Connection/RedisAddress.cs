using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace StreamRec.Redis.Connection;

/// <summary>
/// Where Redis is: <c>host:port</c>, commas between, with settings of the client behind as it reads them; or a URL as
/// most other clients take it, <c>redis://user:password@host:port/database</c>, <c>rediss://</c> for TLS. Both can hold
/// a password.
/// </summary>
internal static class RedisAddress
{
    private const string Forms =
        "Give HOST:PORT, commas between, or redis://USER:PASSWORD@HOST:PORT/DATABASE "
        + "(rediss:// for TLS); secrets belong in RedisPassword.";

    private const int DefaultPort = 6379;

    /// <summary>Stands for hosts that cannot be told from a password.</summary>
    private const string Hidden = "the hosts behind the settings of its address";

    private static readonly Dictionary<string, bool> s_tlsOfScheme = new(StringComparer.OrdinalIgnoreCase)
    {
        ["redis"] = false,
        ["rediss"] = true,
        ["valkey"] = false,
        ["valkeys"] = true,
    };

    /// <summary>The hosts and ports alone, which may be shown.</summary>
    public static string Hosts(string address)
    {
        if (Scheme(address) is not null)
        {
            var hosts = Mixes(address) ? "" : AfterUser(address);
            return hosts[..(hosts.AsSpan().IndexOfAny("/?#") is var end and >= 0 ? end : hosts.Length)];
        }
        // A password that holds a comma goes on in what looks like a further host, so what stands behind a setting is
        // not shown.
        var open = address
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(part => part[(part.LastIndexOf('@') + 1)..])
            .TakeWhile(part => !IsSetting(part));
        return string.Join(',', open) is { Length: > 0 } shown ? shown : Hidden;
    }

    /// <exception cref="StreamRecException">It is neither; the message does not repeat it.</exception>
    public static ConfigurationOptions Parse(string address)
    {
        try
        {
            if (Scheme(address) is { } scheme)
            {
                return s_tlsOfScheme.TryGetValue(scheme, out var tls)
                    ? OfUrl(address, tls)
                    : throw Unreadable($"starts with {scheme}://, which is no address of one Redis or a Cluster");
            }
            var options = ConfigurationOptions.Parse(address.Trim());
            return address.Split(',').Any(part => !IsSetting(part) && part.Contains('@'))
                ? throw Unreadable("names a user before a host, but no redis://")
                : options;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            // The client's own message may quote what was given.
            throw Unreadable("cannot be read");
        }
    }

    private static ConfigurationOptions OfUrl(string address, bool tls)
    {
        if (Mixes(address))
        {
            throw Unreadable("mixes both forms");
        }
        var options = new ConfigurationOptions { Ssl = tls };
        var rest = AfterUser(address);
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        if (address.Length - rest.Length - 1 is var end && end >= start)
        {
            var user = address[start..end];
            var colon = user.IndexOf(':', StringComparison.Ordinal);
            options.User = Uri.UnescapeDataString(colon < 0 ? user : user[..colon]) is { Length: > 0 } name
                ? name
                : null;
            options.Password = colon < 0 ? null : Uri.UnescapeDataString(user[(colon + 1)..]);
        }
        if (rest.AsSpan().IndexOfAny("?#=") >= 0)
        {
            throw Unreadable("has settings behind its host: give them by name (RedisTls, RedisCa, …)");
        }
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && rest[(slash + 1)..] is { Length: > 0 } database)
        {
            options.DefaultDatabase = int.TryParse(
                database,
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number
            )
                ? number
                : throw Unreadable("has something behind its host that is no number of a database");
        }
        foreach (var host in (slash < 0 ? rest : rest[..slash]).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // A port that is 0, or none, is the standard one.
            if (!Uri.TryCreate($"tcp://{host}", UriKind.Absolute, out var place) || place.Host.Length == 0)
            {
                throw Unreadable("names a host that is none");
            }
            options.EndPoints.Add(EndPoint(place.DnsSafeHost, place.Port > 0 ? place.Port : DefaultPort));
        }
        return options;
    }

    private static EndPoint EndPoint(string host, int port) =>
        IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(host, port);

    private static string? Scheme(string address) =>
        address.IndexOf("://", StringComparison.Ordinal) is var end and > 0
        && address.AsSpan(0, end).IndexOfAny(",=@:") < 0
            ? address[..end].Trim()
            : null;

    /// <summary>Behind the last @, since a password may hold one.</summary>
    private static string AfterUser(string address) =>
        address.LastIndexOf('@') is var at and >= 0
            ? address[(at + 1)..]
            : address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];

    private static bool Mixes(string url) => url.Contains(",password=", StringComparison.OrdinalIgnoreCase);

    private static bool IsSetting(string part) => part.Contains('=') || part.StartsWith('$');

    private static StreamRecException Unreadable(string what) => new($"--redis {what}. {Forms}", FaultKind.Usage);
}
