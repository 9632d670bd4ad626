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
    [InlineData("enable.auto.offset.store")]
    [InlineData("enable.auto.commit")]
    [InlineData("auto.offset.reset")]
    [InlineData("group.id")]
    [InlineData("enable.idempotence")]
    [InlineData("enable.partition.eof")]
    [InlineData("transactional.id")]
    [InlineData("partition.assignment.strategy")]
    [InlineData("ISOLATION_LEVEL")]
    [InlineData("partitioner")]
    [InlineData("bootstrap.servers")]
    public void WhatThePromiseRestsOnCannotBeChanged(string name)
    {
        var fault = Refused(() => Read(($"Kafka:{name}", "x")).KafkaSettings());

        Assert.Contains(name.ToLowerInvariant().Replace('_', '.'), fault.Message);
    }

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
    public void AnAddressThatCannotBeReadIsNotRepeated(string address)
    {
        var fault = Refused(() => new RedisSettings(address).Options());

        Assert.DoesNotContain(Secret, fault.ToString());
    }

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
