using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Tests.Redis;

/// <summary>Whatever Redis or its client says has its own words, and whether waiting helps.</summary>
public sealed class RedisRefusalTests
{
    private const string Secret = "hunter2-Xy";
    private static readonly RedisSettings s_settings = new($"h:1,password={Secret}");

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory", true, "loading")]
    [InlineData("NOREPLICAS Not enough good replicas to write.", true, "min-replicas-to-write")]
    [InlineData("READONLY You can't write against a read only replica.", true, "replica")]
    [InlineData("MASTERDOWN Link with MASTER is down", true, "master")]
    [InlineData("CLUSTERDOWN The cluster is down", true, "Cluster")]
    [InlineData("BUSY Redis is busy running a script.", true, "script")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", true, "maxmemory")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", true, "disk")]
    [InlineData("ERR max number of clients reached", true, "maxclients")]
    [InlineData("NOAUTH Authentication required.", false, "RedisPassword")]
    [InlineData("SimpleError: WRONGPASS invalid username-password pair or user is disabled.", false, "RedisPassword")]
    [InlineData("NOPERM this user has no permissions to run the 'eval' command", false, "docs/security.md")]
    [InlineData("DENIED Redis is running in protected mode", false, "protected")]
    [InlineData("ERR DB index is out of range", false, "database")]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", false, "--prefix")]
    public void A_refusal_of_the_servers_has_its_reason(string refusal, bool transient, string named)
    {
        foreach (var fault in (Exception[])[Said(refusal), Refused(Said(refusal))])
        {
            var told = RedisRefusal.Of(fault, s_settings);

            Assert.Equal((FaultKind.Unreachable, transient), (told.Kind, told.Transient));
            Assert.StartsWith("Redis at h:1 ", told.Message);
            Assert.Contains(named, told.Message);
        }
    }

    [Fact]
    public void A_call_that_took_too_long_is_transient()
    {
        var told = RedisRefusal.Of(Late(), s_settings);

        Assert.True(told.Transient);
        Assert.Contains("in time", told.Message);
    }

    [Theory]
    [InlineData("The database does not exist on the server: 99", "database")]
    [InlineData("Multiple databases are not supported on this server; cannot switch to database: 1", "database")]
    [InlineData("Command cannot be issued to a replica: SET", "replica")]
    public void What_the_client_itself_refuses_has_its_reason(string said, string named) =>
        Assert.Contains(named, RedisRefusal.Of(new RedisCommandException(said), s_settings).Message);

    [Fact]
    public void Tls_that_failed_is_not_a_wrong_password()
    {
        Assert.Contains("RedisCa", RedisRefusal.Explain(Refused(new AuthenticationException("certificate"))));
        Assert.Contains("rediss://", RedisRefusal.Explain(Refused(new IOException("cut", new SocketException(125)))));
    }

    [Theory]
    [InlineData($"ERR unknown command 'AUTH', with args beginning with: '{Secret}'")]
    [InlineData($"ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `{Secret}`")]
    public void A_server_that_quotes_the_password_is_not_quoted(string refusal) =>
        Assert.DoesNotContain(Secret, RedisRefusal.Of(Said(refusal), s_settings).ToString());

    [Fact]
    public void Every_kind_that_the_client_throws_is_seen() =>
        Assert.All(
            (Exception[])
                [
                    new RedisException("x"),
                    Said("x"),
                    Late(),
                    new RedisCommandException("x"),
                    Refused(null),
                    new ObjectDisposedException("x"),
                    new TimeoutException(),
                    new SocketException(1),
                ],
            fault => Assert.True(RedisRefusal.IsOfRedis(fault))
        );

    private static RedisServerException Said(string refusal) => new(RedisErrorKind.Unknown, CommandFlags.None, refusal);

    private static RedisTimeoutException Late() =>
        new(CommandFlags.None, "Timeout awaiting response", CommandStatus.Sent);

    private static RedisConnectionException Refused(Exception? cause) =>
        new(ConnectionFailureType.AuthenticationFailure, CommandFlags.None, "It was not possible to connect", cause);
}
