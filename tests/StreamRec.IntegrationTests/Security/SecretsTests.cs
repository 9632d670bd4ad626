using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Security;

/// <summary>Whatever goes wrong, no command shows a secret.</summary>
[Collection(nameof(SecureServers))]
public sealed class SecretsTests(SecureServers servers)
{
    private const string WrongKafka = "wr0ng-Kafka-51",
        WrongRedis = "wr0ng-Redis-52",
        KeyPassword = "key-Secret-53";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>Every secret is set, none is right, and librdkafka says all that it can say.</summary>
    [SecureTheory]
    [InlineData("work")]
    [InlineData("produce")]
    [InlineData("lookup")]
    [InlineData("recover")]
    [InlineData("demo")]
    public async Task No_refused_command_shows_a_secret(string name)
    {
        var output = await FailedAsync(
            Command(name),
            ("STREAMREC__KAFKA__SASL_PASSWORD", WrongKafka),
            ("STREAMREC__REDISPASSWORD", WrongRedis),
            ("STREAMREC__KAFKA__SSL_KEY_PASSWORD", KeyPassword),
            ("STREAMREC__KAFKA__DEBUG", "all")
        );

        Assert.True(output.Contains("refuses", StringComparison.Ordinal), output);
    }

    [SecureTheory]
    [InlineData("STREAMREC__REDISPASSWORDS", WrongRedis)]
    [InlineData("STREAMREC__KAFKA__SASL_PASSWORDS", WrongKafka)]
    [InlineData("STREAMREC__KAFKA__SSL_KEY_PEM", KeyPassword)]
    [InlineData("STREAMREC__REDIS", $"127.0.0.1:1,password={WrongRedis},user=someone")]
    [InlineData("STREAMREC__REDIS", $"password={WrongRedis},nonsense=1")]
    public Task A_setting_that_cannot_be_used_is_not_shown_with_its_secret(string name, string value) =>
        FailedAsync(servers.Work, (name, value));

    private string[] Command(string name) =>
        name switch
        {
            "work" => servers.Work,
            "produce" => servers.Produce,
            "lookup" => ["lookup", "u000001"],
            "demo" => ["demo", "--seconds", "1", "--bootstrap", servers.Kafka.SaslBootstrap],
            _ => ["recover", "--topic", "clicks", "--group", "recommender"],
        };

    private async Task<string> FailedAsync(string[] command, params (string Name, string Value)[] settings)
    {
        var environment = servers.As("worker", "PLAIN");
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }
        using var process = Streamrec.Start(command, environment);
        Assert.NotEqual(0, await process.ExitAsync(s_limit));
        foreach (
            var secret in (string[])
                [SecureServers.KafkaPassword, SecureServers.RedisSecret, WrongKafka, WrongRedis, KeyPassword]
        )
        {
            Assert.False(
                process.Output.Contains(secret, StringComparison.Ordinal),
                $"{secret} is shown:\n{process.Output}"
            );
        }
        Assert.False(process.Output.Contains("   at StreamRec.", StringComparison.Ordinal), process.Output);
        return process.Output;
    }
}
