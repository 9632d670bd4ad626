using System.Net;
using Confluent.Kafka;
using StreamRec.Kafka;
using StreamRec.Redis;
using StreamRec.Settings;
using StreamRec.Work;

namespace StreamRec.Tests.Settings;

public sealed class SettingsTests
{
    private const string Secret = "hunter2-Xy";

    [Fact]
    public void EverySettingOfTheServersCanBeGiven()
    {
        var options = Read(
            ("Bootstrap", "k:1"), ("redis", "r:2"), ("RedisUser", "u"), ("RedisPassword", Secret), ("REDISTLS", "true"),
            ("Kafka:sasl.password", Secret));

        var redis = options.RedisSettings().Options();
        Assert.Equal(("u", Secret, true), (redis.User, redis.Password, redis.Ssl));
        Assert.Equal(Secret, options.KafkaSettings().Apply(new ConsumerConfig()).SaslPassword);
    }

    [Fact]
    public void KafkaSettingsMayBeWrittenAsAShellCanExportThem()
    {
        var config = Read(("KAFKA:SSL_CA_LOCATION", "/ca.pem"), ("KAFKA:SECURITY_PROTOCOL", "sasl_ssl")).KafkaSettings().Apply(new ClientConfig());

        Assert.Equal(("/ca.pem", SecurityProtocol.SaslSsl), (config.SslCaLocation, config.SecurityProtocol));
    }

    [Fact]
    public void TheCommandLineWinsWhicheverWayASettingIsWritten()
    {
        const string Variable = "STREAMREC__KAFKA__CLIENT_RACK";
        Environment.SetEnvironmentVariable(Variable, "environment");
        try
        {
            Assert.Equal("environment", Read().KafkaSettings().Apply(new ClientConfig()).ClientRack);
            Assert.Equal("given", Read(("Kafka:client.rack", "given")).KafkaSettings().Apply(new ClientConfig()).ClientRack);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public void AMisspeltSettingIsRefusedAndNamed()
    {
        // Else the password would go out in the clear.
        var fault = Refused(() => Read(("RedisTsl", "true")));

        Assert.Contains("RedisTsl", fault.Message);
        Assert.Contains("RedisTls", fault.Message);
    }

    [Fact]
    public void ASettingOfTheWorkerIsNoStrangerToTheOthers() => Read(("ListSize", "10"), ("Topic", "clicks"));

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
    public void WhatThePromiseRestsOnCannotBeChangedAndSaysWhy(string name, string why)
    {
        var fault = Refused(() => Read(($"Kafka:{name}", "x")).KafkaSettings());

        Assert.Contains($"Kafka:{name.ToLowerInvariant().Replace('_', '.')} ", fault.Message);
        Assert.Contains(why, fault.Message);
    }

    [Theory]
    [InlineData("linger.ms", "60000", "linger.ms")]
    [InlineData("message.timeout.ms", "soon", "message.timeout.ms")]
    public void WhatTheClientItselfRefusesIsTold(string name, string value, string named)
    {
        var settings = new KafkaSettings("127.0.0.1:1", new Dictionary<string, string> { [name] = value });

        Assert.Contains(named, Refused(() => new DeadLetterPublisher(settings, "t")).Message);
    }

    [Theory]
    [InlineData("GSSAPI")]
    [InlineData(null)]
    public void AMechanismThatTheClientWasBuiltWithoutIsSaidToBeMissing(string? mechanism)
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
    public void AnAddressOfKafkaWithAUserIsRefusedUnread() =>
        Assert.DoesNotContain(Secret, Refused(() => new KafkaSettings($"me:{Secret}@k:9092")).Message);

    [Theory]
    [InlineData("sasl.oauthbearer.config")]
    [InlineData("ssl.key.pem")]
    [InlineData("ssl.keystore.password")]
    public void ASecretThatKafkasClientRefusesIsNotRepeated(string name)
    {
        var settings = new KafkaSettings("127.0.0.1:1", new Dictionary<string, string>
        {
            ["security.protocol"] = "sasl_ssl", ["sasl.mechanism"] = "OAUTHBEARER", ["enable.sasl.oauthbearer.unsecure.jwt"] = "true",
            ["ssl.keystore.location"] = "/nowhere", [name] = $"x={Secret} y",
        });

        var fault = Assert.ThrowsAny<StreamRecException>(() =>
        {
            // OAUTHBEARER's configuration is read when the first token is made, everything else at once.
            using var inspector = new TopicInspector(settings);
            inspector.DescribeAsync("t", Confluent.Kafka.Admin.AclOperation.Read, identify: false).GetAwaiter().GetResult();
        });

        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Fact]
    public void AnUnknownKafkaSettingIsNamed()
    {
        var settings = new KafkaSettings("127.0.0.1:1", new Dictionary<string, string> { ["sasl.pasword"] = Secret });

        var fault = Refused(() => new TopicInspector(settings));

        Assert.Contains("sasl.pasword", fault.Message);
        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Theory]
    [InlineData($"password={Secret},h:1,user=u")]
    [InlineData($"h:1,password={Secret}")]
    [InlineData($"redis://:{Secret}@h:1")]
    [InlineData($"rediss://u:{Secret}@h:1/3")]
    public void AnAddressWithAPasswordIsShownWithoutIt(string address)
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
    public void AnAddressThatCannotBeReadIsNotRepeated(string address)
    {
        var fault = Refused(() => new RedisSettings(address).Options());

        Assert.DoesNotContain(Secret, fault.ToString());
    }

    [Fact]
    public void AUrlIsReadAsOtherClientsReadIt()
    {
        var options = new RedisSettings("rediss://shop:p%40s%2Fs@redis.example:6380/4").Options();
        Assert.Equal(
            ("shop", "p@s/s", true, 4), (options.User, options.Password, options.Ssl, options.DefaultDatabase));
        Assert.Equal([new DnsEndPoint("redis.example", 6380)], options.EndPoints);

        Assert.Equal([new DnsEndPoint("h", 6379)], new RedisSettings("redis://h").Options().EndPoints);
        Assert.Equal(
            [new IPEndPoint(IPAddress.IPv6Loopback, 7)], new RedisSettings("redis://[::1]:7/").Options().EndPoints);
        Assert.Equal(
            [new DnsEndPoint("a", 1), new DnsEndPoint("b", 2)],
            new RedisSettings("redis://:p@a:1,b:2").Options().EndPoints);
        // What is not written as it should be, and cannot mean anything else.
        Assert.Equal("p@s/s", new RedisSettings("redis://:p@s/s@h:1").Options().Password);
    }

    [Theory]
    [InlineData("redis://u:p@h:1,i:2/4", "h:1,i:2")]
    [InlineData($"redis://u:{Secret}@{Secret}@h:1", "h:1")]
    [InlineData($"h:1,password=start,{Secret}", "h:1")]
    [InlineData($"redis://h:1/0,password=a@{Secret}", "")]
    public void WhatIsShownOfAnAddressIsWhereItIs(string address, string shown) =>
        Assert.Equal(shown, new RedisSettings(address).Where);

    [Fact]
    public void AFileThatIsNoCertificateIsNamed()
    {
        Assert.Contains("/nowhere.pem", Refused(() => new RedisSettings("h:1", CaFile: "/nowhere.pem").Options()).Message);
        Assert.Contains("RedisCertificate", Refused(() => new RedisSettings("h:1", CertificateFile: "/nowhere.pem").Options()).Message);
    }

    [Fact]
    public void AUserWithoutPasswordIsRefused() => Refused(() => new RedisSettings("h:1", User: "u").Options());

    private static StreamRecException Refused(Action act)
    {
        var fault = Assert.Throws<StreamRecException>(act);
        Assert.Equal(ExitCode.Usage, fault.Code);
        return fault;
    }

    private static StreamRecException Refused(Func<object> act) => Refused(() => { act(); });

    private static WorkOptions Read(params (string Name, string Value)[] given) =>
        SettingsReader.Read<WorkOptions>(given.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
}
