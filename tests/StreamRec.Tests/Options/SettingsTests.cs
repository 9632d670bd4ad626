using System.Net;
using Confluent.Kafka;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Redis.Connection;

namespace StreamRec.Tests.Options;

public sealed class SettingsTests
{
    private const string Secret = "hunter2-Xy";

    [Fact]
    public void A_setting_is_taken_by_its_earlier_name_too()
    {
        Assert.Equal(0.3f, SettingsReader.Read<WorkOptions>([new("diversity", "0.3")]).Dial);
        Assert.Empty(StreamRec.Commands.CommandTree.Create().Parse(["work", "--diversity", "0.3"]).Errors);
        Assert.Equal("Dial", SettingsReader.Canonical("Diversity"));
    }

    [Fact]
    public void Every_setting_of_the_servers_can_be_given()
    {
        var options = Read(
            ("Bootstrap", "k:1"),
            ("redis", "r:2"),
            ("RedisUser", "u"),
            ("RedisPassword", Secret),
            ("REDISTLS", "true"),
            ("Kafka:sasl.password", Secret)
        );

        var redis = options.RedisSettings().Options();
        Assert.Equal(("u", Secret, true), (redis.User, redis.Password, redis.Ssl));
        Assert.Equal(Secret, options.KafkaSettings().Apply(new ConsumerConfig()).SaslPassword);
    }

    [Fact]
    public void Kafka_settings_may_be_written_as_a_shell_can_export_them()
    {
        var config = Read(("KAFKA:SSL_CA_LOCATION", "/ca.pem"), ("KAFKA:SECURITY_PROTOCOL", "sasl_ssl"))
            .KafkaSettings()
            .Apply(new ClientConfig());

        Assert.Equal(("/ca.pem", SecurityProtocol.SaslSsl), (config.SslCaLocation, config.SecurityProtocol));
    }

    [Fact]
    public void The_command_line_wins_whichever_way_a_setting_is_written()
    {
        const string Variable = "STREAMREC__KAFKA__CLIENT_RACK";
        Environment.SetEnvironmentVariable(Variable, "environment");
        try
        {
            Assert.Equal("environment", Read().KafkaSettings().Apply(new ClientConfig()).ClientRack);
            Assert.Equal(
                "given",
                Read(("Kafka:client.rack", "given")).KafkaSettings().Apply(new ClientConfig()).ClientRack
            );
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public void A_misspelt_setting_is_refused_and_named()
    {
        // Else the password would go out in the clear.
        var fault = Refused(() => Read(("RedisTsl", "true")));

        Assert.Contains("RedisTsl", fault.Message);
        Assert.Contains("RedisTls", fault.Message);
    }

    [Fact]
    public void A_setting_of_the_worker_is_no_stranger_to_the_others() => Read(("ListSize", "10"), ("Topic", "clicks"));

    [Theory]
    [InlineData("enable.auto.offset.store", "Redis")]
    [InlineData("enable.auto.commit", "Redis")]
    [InlineData("auto.commit.enable", "Redis")]
    [InlineData("auto.offset.reset", "--from")]
    [InlineData("ISOLATION_LEVEL", "aborted")]
    [InlineData("partitioner", "--partitioner")]
    [InlineData("bootstrap.servers", "--bootstrap")]
    [InlineData("metadata.broker.list", "--bootstrap")]
    [InlineData("group.id", "--group")]
    [InlineData("ACKS", "idempotent")]
    [InlineData("request.required.acks", "idempotent")]
    [InlineData("retries", "idempotent")]
    [InlineData("message.send.max.retries", "idempotent")]
    [InlineData("MAX_IN_FLIGHT", "idempotent")]
    [InlineData("max.in.flight.requests.per.connection", "idempotent")]
    [InlineData("enable.idempotence", "idempotent")]
    [InlineData("queuing.strategy", "idempotent")]
    [InlineData("transactional.id", "Redis")]
    [InlineData("enable.partition.eof", "--until-end")]
    [InlineData("partition.assignment.strategy", "cooperative-sticky")]
    [InlineData("dotnet.producer.enable.delivery.reports", "reports")]
    public void What_the_promise_rests_on_cannot_be_changed_and_says_why(string name, string why)
    {
        var fault = Refused(() => Read(($"Kafka:{name}", "x")).KafkaSettings());

        Assert.Contains($"Kafka:{name.ToLowerInvariant().Replace('_', '.')} ", fault.Message);
        Assert.Contains(why, fault.Message);
    }

    [Theory]
    [InlineData("linger.ms", "60000", "linger.ms")]
    [InlineData("message.timeout.ms", "soon", "message.timeout.ms")]
    public void What_the_client_itself_refuses_is_told(string name, string value, string named)
    {
        var settings = new KafkaSettings("127.0.0.1:1", new Dictionary<string, string> { [name] = value });

        Assert.Contains(named, Refused(() => new DeadLetterPublisher(settings, "t")).Message);
    }

    [Theory]
    [InlineData("GSSAPI")]
    [InlineData(null)]
    public void A_mechanism_that_the_client_was_built_without_is_said_to_be_missing(string? mechanism)
    {
        var further = new Dictionary<string, string> { ["security.protocol"] = "sasl_ssl" };
        if (mechanism is not null)
        {
            further["sasl.mechanism"] = mechanism;
        }
        var fault = Refused(() => new TopicInspector(new KafkaSettings("127.0.0.1:1", further)));

        Assert.Contains("GSSAPI", fault.Message);
        Assert.Contains("SCRAM", fault.Message);
        Assert.Contains("docs/security.md", fault.Message);
        Assert.DoesNotContain("recompile", fault.Message);
    }

    [Fact]
    public void An_address_of_kafka_with_a_user_is_refused_unread() =>
        Assert.DoesNotContain(Secret, Refused(() => new KafkaSettings($"me:{Secret}@k:9092")).Message);

    [Theory]
    [InlineData("sasl.oauthbearer.config")]
    [InlineData("ssl.key.pem")]
    [InlineData("ssl.keystore.password")]
    public void A_secret_that_kafkas_client_refuses_is_not_repeated(string name)
    {
        var settings = new KafkaSettings(
            "127.0.0.1:1",
            new Dictionary<string, string>
            {
                ["security.protocol"] = "sasl_ssl",
                ["sasl.mechanism"] = "OAUTHBEARER",
                ["enable.sasl.oauthbearer.unsecure.jwt"] = "true",
                ["ssl.keystore.location"] = "/nowhere",
                [name] = $"x={Secret} y",
            }
        );

        var fault = Assert.ThrowsAny<StreamRecException>(() =>
        {
            // OAUTHBEARER's configuration is read when the first token is made, everything else at once.
            using var inspector = new TopicInspector(settings);
            inspector
                .DescribeAsync("t", Confluent.Kafka.Admin.AclOperation.Read, identify: false)
                .GetAwaiter()
                .GetResult();
        });

        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Fact]
    public void An_unknown_kafka_setting_is_named()
    {
        var settings = new KafkaSettings("127.0.0.1:1", new Dictionary<string, string> { ["sasl.pasword"] = Secret });

        var fault = Refused(() => new TopicInspector(settings));

        Assert.Contains("sasl.pasword", fault.Message);
        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Theory]
    [InlineData($"h:1,password={Secret}")]
    [InlineData($"redis://:{Secret}@h:1")]
    [InlineData($"rediss://u:{Secret}@h:1/3")]
    public void An_address_with_a_password_is_shown_without_it(string address)
    {
        var settings = new RedisSettings(address);

        Assert.Equal("h:1", settings.Where);
        Assert.Equal(Secret, settings.Options().Password);
        Assert.DoesNotContain(Secret, settings.ToString());
    }

    [Theory]
    [InlineData($"h:1,pasword={Secret}")]
    [InlineData($"h:{Secret}")]
    [InlineData($"{Secret},ssl=maybe")]
    [InlineData($"u:{Secret}@h:1")]
    [InlineData($"redis://u:{Secret}@h:1/x")]
    [InlineData($"redis://u:{Secret}@h:1?db=2")]
    [InlineData($"redis://h:1/0,password={Secret}@x")]
    [InlineData($"redis-sentinel://u:{Secret}@h:1")]
    [InlineData($"redis://u:{Secret}@")]
    public void An_address_that_cannot_be_read_is_not_repeated(string address)
    {
        var fault = Refused(() => new RedisSettings(address).Options());

        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Fact]
    public void A_url_is_read_as_other_clients_read_it()
    {
        var options = new RedisSettings("rediss://shop:p%40s%2Fs@redis.example:6380/4").Options();
        Assert.Equal(
            ("shop", "p@s/s", true, 4),
            (options.User, options.Password, options.Ssl, options.DefaultDatabase)
        );
        Assert.Equal([new DnsEndPoint("redis.example", 6380)], options.EndPoints);

        Assert.Equal([new DnsEndPoint("h", 6379)], new RedisSettings("redis://h").Options().EndPoints);
        Assert.Equal(
            [new IPEndPoint(IPAddress.IPv6Loopback, 7)],
            new RedisSettings("redis://[::1]:7/").Options().EndPoints
        );
        Assert.Equal(
            [new DnsEndPoint("a", 1), new DnsEndPoint("b", 2)],
            new RedisSettings("redis://:p@a:1,b:2").Options().EndPoints
        );
        // What is not written as it should be, and cannot mean anything else.
        Assert.Equal("p@s/s", new RedisSettings("redis://:p@s/s@h:1").Options().Password);
    }

    [Theory]
    [InlineData("redis://u:p@h:1,i:2/4", "h:1,i:2")]
    [InlineData($"redis://u:{Secret}@{Secret}@h:1", "h:1")]
    [InlineData($"h:1,password=start,{Secret}", "h:1")]
    [InlineData($"h:1,i:2,password=start,{Secret}:end", "h:1,i:2")]
    [InlineData($"redis://h:1/0,password=a@{Secret}", "")]
    [InlineData($"password={Secret},h:1", "the hosts behind the settings of its address")]
    [InlineData($"password=start,{Secret}:word,h:1", "the hosts behind the settings of its address")]
    public void What_is_shown_of_an_address_is_where_it_is(string address, string shown) =>
        Assert.Equal(shown, new RedisSettings(address).Where);

    [Fact]
    public void A_file_that_is_no_certificate_is_named()
    {
        Assert.Contains(
            "/nowhere.pem",
            Refused(() => new RedisSettings("h:1", CaFile: "/nowhere.pem").Options()).Message
        );
        Assert.Contains(
            "RedisCertificate",
            Refused(() => new RedisSettings("h:1", CertificateFile: "/nowhere.pem").Options()).Message
        );
    }

    [Fact]
    public void A_user_without_password_is_refused() => Refused(() => new RedisSettings("h:1", User: "u").Options());

    private static StreamRecException Refused(Action act)
    {
        var fault = Assert.Throws<StreamRecException>(act);
        Assert.Equal(FaultKind.Usage, fault.Kind);
        return fault;
    }

    private static StreamRecException Refused(Func<object> act) =>
        Refused(() =>
        {
            act();
        });

    private static WorkOptions Read(params (string Name, string Value)[] given) =>
        SettingsReader.Read<WorkOptions>(
            given.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))
        );
}
