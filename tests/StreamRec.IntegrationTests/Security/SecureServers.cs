using StackExchange.Redis;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Security;

/// <summary>
/// A Kafka that asks for users and rights, and a Redis that speaks TLS, both of this test's own; a small model.
/// </summary>
public sealed class SecureServers : IAsyncLifetime
{
    public const string KafkaUser = "streamrec",
        KafkaPassword = "streamrec-secret",
        RedisSecret = "rd-Secret-7f3a";
    private const string CertificateUser = "User:CN=streamrec-mtls";

    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-secure-").FullName;
    private KafkaServer? _kafka;
    private RedisServer? _redis;
    private ConnectionMultiplexer? _admin;
    private int _tlsPort;
    private (string Certificate, string Key) _client;

    /// <summary>Why there is nothing to test with; null where there is.</summary>
    public static string? WhyNot =>
        Installed.KafkaHome is null || Installed.RedisServer is null || Installed.WhyNoServers is not null
            ? "a Kafka home with --secure and a redis-server are needed "
                + $"({Installed.WhyNoServers ?? "only addresses were given"})"
            : null;

    internal KafkaServer Kafka => _kafka!;

    internal string RedisTls => $"127.0.0.1:{_tlsPort}";

    internal TestAuthority Authority { get; private set; } = null!;

    internal string Bundle => Path.Combine(_directory, "model");

    internal string Events => Path.Combine(_directory, "events.jsonl");

    internal IDatabase Redis => _admin!.GetDatabase();

    public async Task InitializeAsync()
    {
        if (WhyNot is not null)
        {
            return;
        }
        Authority = new TestAuthority(_directory, "authority");
        var (certificate, key) = Authority.Issue("redis");
        _client = Authority.Issue("worker");
        _tlsPort = Ports.Free();
        _redis = await RedisServer.StartAsync(
            "--tls-port",
            $"{_tlsPort}",
            "--tls-cert-file",
            certificate,
            "--tls-key-file",
            key,
            "--tls-ca-cert-file",
            Authority.CaFile,
            "--tls-auth-clients",
            "no"
        );
        _admin = await _redis.ConnectAsync();
        // Else who is refused would go on as the default user. The connection that is there stays.
        await Redis.ExecuteAsync("ACL", "SETUSER", "default", "resetpass", $">{RedisSecret}");
        _kafka = await KafkaServer.StartAsync(secure: true);
        foreach (var topic in (string[])["clicks", "clicks.dead-letters"])
        {
            await _kafka.CreateTopicAsync(topic, 2);
        }
        foreach (var line in SecurityPage.Block("kafka-worker").Concat(SecurityPage.Block("kafka-producer")))
        {
            await GrantAsync(line);
            await GrantAsync(Array.ConvertAll(line, word => word == "User:streamrec" ? CertificateUser : word));
        }
        foreach (var line in (string[])["redis-worker", "redis-reader", "redis-operator"])
        {
            await SetUserAsync(SecurityPage.Block(line).Single());
        }
        File.WriteAllLines(
            Events,
            EventData.Generated(users: 40, items: 30, events: 1_500, seed: 3).Select(e => e.ToJson())
        );
        await Streamrec.RunAsync([
            "train",
            "--events",
            Events,
            "--bundle",
            Bundle,
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--window",
            "8",
        ]);
    }

    /// <summary>Grants what a line of the page does, <c>kafka-acls --add …</c>.</summary>
    internal Task GrantAsync(string[] line) => Kafka.Admin.CreateAclsAsync([SecurityPage.Right(line)]);

    internal Task WithdrawAsync(string[] line) => Kafka.Admin.DeleteAclsAsync([SecurityPage.Right(line).ToFilter()]);

    /// <summary>A line of the page, <c>redis-cli ACL SETUSER …</c>.</summary>
    internal Task SetUserAsync(params string[] line) =>
        Redis.ExecuteAsync(
            line[1],
            [.. line.Skip(2).Select(word => (object)word.Replace("PASSWORD", RedisSecret, StringComparison.Ordinal))]
        );

    /// <summary>Whether Redis asks clients for certificates.</summary>
    internal Task AskForCertificatesAsync(bool ask) =>
        Redis.ExecuteAsync("CONFIG", "SET", "tls-auth-clients", ask ? "yes" : "no");

    /// <summary>
    /// The environment of a command as a user of Redis, over SASL with a mechanism, or with a client certificate.
    /// </summary>
    internal Dictionary<string, string> As(string redisUser, string mechanism)
    {
        var environment = new Dictionary<string, string>
        {
            ["STREAMREC__BOOTSTRAP"] = mechanism == "mTLS" ? Kafka.SslBootstrap : Kafka.SaslBootstrap,
            ["STREAMREC__KAFKA__SSL_CA_LOCATION"] = Path.Combine(Kafka.Certificates, "ca.pem"),
            ["STREAMREC__REDIS"] = RedisTls,
            // A worker goes on asking servers that may come back.
            ["STREAMREC__STARTTIMEOUT"] = "00:00:10",
            ["STREAMREC__REDISCA"] = Authority.CaFile,
            ["STREAMREC__REDISUSER"] = redisUser,
            ["STREAMREC__REDISPASSWORD"] = RedisSecret,
        };
        if (mechanism == "mTLS")
        {
            environment["STREAMREC__KAFKA__SECURITY_PROTOCOL"] = "SSL";
            environment["STREAMREC__KAFKA__SSL_CERTIFICATE_LOCATION"] = Path.Combine(Kafka.Certificates, "client.pem");
            environment["STREAMREC__KAFKA__SSL_KEY_LOCATION"] = Path.Combine(Kafka.Certificates, "client.key");
            environment["STREAMREC__REDISCERTIFICATE"] = _client.Certificate;
            environment["STREAMREC__REDISKEY"] = _client.Key;
            return environment;
        }
        environment["STREAMREC__KAFKA__SECURITY_PROTOCOL"] = "SASL_SSL";
        environment["STREAMREC__KAFKA__SASL_MECHANISM"] = mechanism;
        environment["STREAMREC__KAFKA__SASL_USERNAME"] = KafkaUser;
        environment["STREAMREC__KAFKA__SASL_PASSWORD"] = KafkaPassword;
        return environment;
    }

    internal string[] Produce => ["produce", "--events", Events, "--topic", "clicks"];

    internal string[] Work =>
        ["work", "--bundle", Bundle, "--topic", "clicks", "--group", "recommender", "--until-end"];

    public async Task DisposeAsync()
    {
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
            await _redis!.DisposeAsync();
            await Kafka.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }
}

[CollectionDefinition(nameof(SecureServers))]
public sealed class SecureServersCollection : ICollectionFixture<SecureServers>;

/// <summary>
/// A test that needs servers of its own with TLS and rights; where they are not, it is skipped and says why.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SecureTheoryAttribute : TheoryAttribute
{
    public SecureTheoryAttribute() => Skip = SecureServers.WhyNot is { } why ? $"Skipped: {why}." : null;
}

/// <inheritdoc cref="SecureTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SecureFactAttribute : FactAttribute
{
    public SecureFactAttribute() => Skip = SecureServers.WhyNot is { } why ? $"Skipped: {why}." : null;
}
