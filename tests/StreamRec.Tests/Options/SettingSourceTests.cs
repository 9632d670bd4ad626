using StreamRec.Options;

namespace StreamRec.Tests.Options;

/// <summary>
/// Settings in files and in the environment that would be without effect, or mean another thing, each with a message
/// that says what to write.
/// </summary>
public sealed class SettingSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-settings-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("STREAMREC__KAFKA__SECURITY__PROTOCOL=SSL", "STREAMREC__KAFKA__SECURITY_PROTOCOL")]
    [InlineData("STREAMREC__KAFKA=SSL", "Kafka:security.protocol")]
    [InlineData("STREAMREC_KAFKA_SECURITY_PROTOCOL=SSL", "STREAMREC__KAFKA__SECURITY_PROTOCOL")]
    [InlineData("STREAMREC_REDIS_TLS=true", "STREAMREC__REDISTLS")]
    [InlineData("STREAMREC__REDIS_TSL=true", "Did you mean RedisTls?")]
    [InlineData("STREAMREC__REDIS__TLS=true", "Redis")]
    [InlineData("STREAMREC__REDISTLS=1", "true or false")]
    [InlineData("STREAMREC__REDISTLS=", "it is empty")]
    [InlineData("STREAMREC__LISTREPLICAS=1,000", "1,000")]
    [InlineData("STREAMREC__LISTREPLICAS=11", "between 0 and 10")]
    [InlineData("STREAMREC__REDISTLS=true STREAMREC__RedisTls=false", "take one away")]
    [InlineData("STREAMREC__KAFKA__SASL_USERNAME=a STREAMREC__KAFKA__sasl.username=b", "take one away")]
    public void A_variable_that_would_mislead_is_refused(string variables, string named) =>
        Refused(variables.Split(' ').ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1]), named);

    [Theory]
    [InlineData("""{"StreamRec": {"Redis": ["a:1", "b:1"]}}""", "\"a,b\"")]
    [InlineData("""{"StreamRec": {"Redis": {"Tls": true}}}""", "Redis in appsettings.json has parts below it")]
    [InlineData("""{"StreamRec": {"Kafka": {"security": {"protocol": "ssl"}}}}""", "Kafka:security.protocol")]
    [InlineData("""{"StreamRec": {"Kafka": "ssl"}}""", "Kafka:security.protocol")]
    [InlineData("""{"StreamRec": {"ListReplicas": 1, "listreplicas": 2}}""", "duplicate")]
    [InlineData("""{"StreamRec": {"ListReplicas": 0.5}}""", "a whole number")]
    [InlineData("""{"StreamRek": {"ListReplicas": 1}}""", "StreamRec's own is called StreamRec")]
    [InlineData("{\n\"StreamRec\": {\n\"Redis\" \"h:1\"}}", "appsettings.json:3:")]
    public void A_file_that_would_mislead_is_refused(string json, string named)
    {
        File.WriteAllText(Path.Combine(_directory, "appsettings.json"), json);

        Refused([], named);
    }

    [Fact]
    public void The_file_of_the_environments_name_is_read_too()
    {
        File.WriteAllText(
            Path.Combine(_directory, "appsettings.Production.json"),
            """{"StreamRec": {"RedisTls": "yes"}}"""
        );

        Refused([], "appsettings.Production.json");
    }

    /// <summary>Kafka's client knows true and false as JSON spells them, and no others.</summary>
    [Fact]
    public void True_and_false_of_a_file_reach_Kafkas_client_as_they_stand_there()
    {
        File.WriteAllText(
            Path.Combine(_directory, "appsettings.json"),
            """{"StreamRec": {"Kafka": {"enable.ssl.certificate.verification": false, "log.queue": true}}}"""
        );

        var kafka = SettingsReader.Read<ServerOptions>([], _directory, new Dictionary<string, string>()).Kafka;

        Assert.Equal("false", kafka["enable.ssl.certificate.verification"]);
        Assert.Equal("true", kafka["log.queue"]);
    }

    /// <summary>
    /// A command does not stumble over what is for another, but that takes nothing that it cannot read.
    /// </summary>
    [Fact]
    public void What_only_the_worker_takes_stops_the_worker_alone()
    {
        File.WriteAllText(Path.Combine(_directory, "appsettings.json"), """{"StreamRec": {"Types": ["view"]}}""");

        SettingsReader.Read<ServerOptions>([], _directory, new Dictionary<string, string>());
        var fault = Assert.Throws<StreamRecException>(() =>
            SettingsReader.Read<WorkOptions>([], _directory, new Dictionary<string, string>())
        );

        Assert.Contains("Types in appsettings.json has parts below it", fault.Message);
    }

    private void Refused(Dictionary<string, string> environment, string named)
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            SettingsReader.Read<ServerOptions>([], _directory, environment)
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains(named, fault.Message);
        Assert.DoesNotContain("System.", fault.Message);
    }
}
