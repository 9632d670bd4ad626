using System.Security.Authentication;
using StackExchange.Redis;

namespace StreamRec.Redis;

/// <summary>Puts what a failed connection means into words. The client's own message is not shown: it may quote settings.</summary>
internal static class RedisRefusal
{
    /// <summary>Nobody answered, and nobody said why.</summary>
    public const string Unusable =
        "cannot be reached. Is it running, is --redis right, does it speak TLS (RedisTls) or not, and may the user ECHO, and on a Cluster CLUSTER NODES (docs/security.md)?";

    /// <summary>Whether nobody answered, or one that is still loading did.</summary>
    public static bool IsTransient(RedisException fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException or RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure })
            {
                return false;
            }
            if (cause is RedisServerException refusal)
            {
                return refusal.Message.StartsWith("LOADING", StringComparison.Ordinal);
            }
        }
        return true;
    }

    public static string Explain(RedisException fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException tls:
                    return $"was reached, but TLS failed ({tls.Message}) Is it Redis's TLS port, is RedisCa the authority that signed its "
                        + "certificate, does the certificate name this host, and does Redis want a client certificate (RedisCertificate, RedisKey)?";
                case RedisServerException refusal:
                    return $"refuses: {refusal.Message}. Check RedisUser and RedisPassword, and the user's rights (docs/security.md).";
                case RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }:
                    return "refuses the user: check RedisUser and RedisPassword and that the user may ECHO (docs/security.md), "
                        + "or speak TLS (RedisTls, RedisCa) if it asks for that.";
            }
        }
        return Unusable;
    }
}
