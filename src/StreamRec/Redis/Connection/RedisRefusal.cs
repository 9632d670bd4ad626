using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace StreamRec.Redis.Connection;

/// <summary>
/// Puts what a failed connection or call means into words. The client's own message is not shown: it may quote
/// settings.
/// </summary>
internal static class RedisRefusal
{
    /// <summary>Nobody answered, and nobody said why.</summary>
    public const string Unusable =
        "cannot be reached. Is it running, is --redis right, does it speak TLS (RedisTls) or not, "
        + "and may the user ECHO, and on a Cluster CLUSTER NODES (docs/security.md)?";

    public const string Replica =
        "is a replica, which takes no writes: give --redis the address of its master, or of both";

    private const string NoDatabase =
        "has no such database: see the number in --redis (defaultDatabase=N, or behind "
        + "the host of a redis:// address)";

    /// <summary>How a refusal of the server's begins, whether waiting helps, and what it means.</summary>
    private static readonly (string Begin, bool Passes, string Meaning)[] s_refusals =
    [
        ("LOADING", true, "is still loading its data"),
        ("READONLY", true, Replica),
        ("MASTERDOWN", true, "is a replica that has lost its master"),
        ("NOREPLICAS", true, "takes no writes now: too few of its replicas are there (min-replicas-to-write)"),
        ("CLUSTERDOWN", true, "is a Cluster that is down: a master is missing, or nobody holds some slots"),
        ("TRYAGAIN", true, "is a Cluster that moves these slots now"),
        ("BUSY", true, "is held up by a script that runs for long"),
        ("OOM", true, "takes no writes now: its memory is full (maxmemory)"),
        ("MISCONF", true, "takes no writes now: it cannot save to its disk"),
        ("ERR max number of clients", true, "takes no more connections now (maxclients)"),
        ("DENIED", false, "is in protected mode, and takes connections from its own machine alone: give it a password"),
        ("ERR DB index", false, NoDatabase),
        ("WRONGTYPE", false, "holds something else under a key of StreamRec's: is --prefix right?"),
        ("NOAUTH", false, "wants a password: give RedisPassword, and RedisUser where it is not the default user's"),
    ];

    /// <summary>
    /// Whether Redis's client threw it. Its kinds have no base in common: a call that took too long is no
    /// RedisException.
    /// </summary>
    public static bool IsOfRedis(Exception fault) =>
        fault
            is RedisException
                or RedisCommandException
                or TimeoutException
                or SocketException
                or ObjectDisposedException;

    /// <summary>
    /// What is told of a failed connection or call; <see cref="StreamRecException.Transient"/> where waiting may help.
    /// </summary>
    /// <param name="next">What else to do, as a sentence.</param>
    public static StreamRecException Of(Exception fault, RedisSettings settings, string next = "")
    {
        var message = $"{settings} {Explain(fault)}{(next.Length > 0 ? " " + next : "")}";
        // A server that does not know a command quotes what it was given.
        var told = settings.Secret is { Length: > 0 } secret
            ? message.Replace(secret, "…", StringComparison.Ordinal)
            : message;
        return new StreamRecException(told, FaultKind.Unreachable) { Transient = IsTransient(fault) };
    }

    /// <summary>Asks Redis, and tells what its client throws as <see cref="Of"/> does.</summary>
    /// <exception cref="StreamRecException">It refused, or did not answer.</exception>
    public static async Task<T> AskedAsync<T>(RedisSettings settings, Func<Task<T>> ask, string next = "")
    {
        try
        {
            return await ask();
        }
        catch (Exception fault) when (IsOfRedis(fault))
        {
            throw Of(fault, settings, next);
        }
    }

    /// <summary>Whether nobody answered, or one that refuses for a while did.</summary>
    public static bool IsTransient(Exception fault) =>
        Refusal(fault) is { } refusal
            ? Meaning(refusal)?.Passes ?? false
            : !Causes(fault)
                .Any(cause => cause is AuthenticationException || (cause is RedisCommandException && !IsReplica(cause)))
                && (!IsAuthentication(fault) || Causes(fault).Any(cause => cause is IOException));

    public static string Explain(Exception fault)
    {
        if (Refusal(fault) is { } refusal)
        {
            return Explain(refusal);
        }
        if (Causes(fault).OfType<AuthenticationException>().FirstOrDefault() is { } tls)
        {
            return $"was reached, but TLS failed ({tls.Message}) Is it Redis's TLS port, is RedisCa the authority that "
                + "signed its certificate, does the certificate name this host, and does Redis want a client "
                + "certificate (RedisCertificate, RedisKey)?";
        }
        return fault switch
        {
            RedisCommandException when IsReplica(fault) => Replica + ".",
            RedisCommandException command => command.Message.Contains("database", StringComparison.OrdinalIgnoreCase)
                ? $"{NoDatabase}."
                : $"cannot be used: {command.Message}",
            TimeoutException => "was reached, but did not answer in time: it is slow, held up, or out of reach now.",
            _ when IsAuthentication(fault) && Causes(fault).Any(cause => cause is IOException) =>
                "was reached, but the connection broke while it was made. Does it speak TLS (RedisTls, rediss://) at "
                    + "this port, or not, and may the user ECHO (docs/security.md)?",
            _ when IsAuthentication(fault) =>
                "refuses the user: check RedisUser and RedisPassword and that the user may ECHO (docs/security.md), "
                    + "or speak TLS (RedisTls, RedisCa) if it asks for that.",
            _ => Unusable,
        };
    }

    /// <summary>What the server's own words mean.</summary>
    public static string Explain(string refusal) =>
        Meaning(refusal) is { } known
            ? $"{known.Meaning} ({refusal.TrimEnd('.')})."
            : $"refuses: {refusal.TrimEnd('.')}. Check RedisUser and RedisPassword, and the user's rights "
                + "(docs/security.md).";

    private static bool IsAuthentication(Exception fault) =>
        Causes(fault)
            .Any(cause =>
                cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            );

    private static bool IsReplica(Exception cause) =>
        cause is RedisCommandException && cause.Message.Contains("replica", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the server itself said, if it did; the client's prefix is left out.</summary>
    private static string? Refusal(Exception fault)
    {
        const string Prefix = "SimpleError: ";
        var message = Causes(fault).OfType<RedisServerException>().FirstOrDefault()?.Message;
        return message?.StartsWith(Prefix, StringComparison.Ordinal) == true ? message[Prefix.Length..] : message;
    }

    private static (bool Passes, string Meaning)? Meaning(string refusal)
    {
        foreach (var (begin, passes, meaning) in s_refusals)
        {
            if (
                refusal.StartsWith(begin, StringComparison.Ordinal)
                && (refusal.Length == begin.Length || refusal[begin.Length] == ' ')
            )
            {
                return (passes, meaning);
            }
        }
        return null;
    }

    private static IEnumerable<Exception> Causes(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
