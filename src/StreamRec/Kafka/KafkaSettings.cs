using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamRec.Kafka;

/// <summary>How to reach Kafka. Further librdkafka settings (TLS, SASL, …) pass through and are never logged.</summary>
internal sealed record KafkaSettings
{
    /// <summary>What the promise of docs/guarantees.md rests on.</summary>
    private static readonly string[] s_ours =
    [
        "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "enable.partition.eof",
        "isolation.level", "partition.assignment.strategy", "enable.idempotence", "transactional.id", "partitioner",
        "group.protocol", "group.instance.id", "statistics.interval.ms",
    ];

    private static readonly Dictionary<string, string> s_options = new()
    {
        ["bootstrap.servers"] = "--bootstrap", ["group.id"] = "--group", ["group.protocol"] = "--group-protocol",
        ["group.instance.id"] = "--group-instance-id",
    };

    private static readonly string[] s_secret = ["password", "secret", "pem", "oauthbearer", "jaas"];

    private readonly IReadOnlyDictionary<string, string> _further;

    /// <param name="further">By librdkafka's names.</param>
    /// <exception cref="StreamRecException">A setting is StreamRec's own.</exception>
    public KafkaSettings(string bootstrap, IReadOnlyDictionary<string, string> further)
    {
        Bootstrap = bootstrap;
        _further = further;
        Log = KafkaLog.ToErrors(Secrets);
        if (s_ours.FirstOrDefault(_further.ContainsKey) is { } name)
        {
            throw new StreamRecException(
                $"The setting Kafka:{name} cannot be changed: what StreamRec promises rests on it"
                + (s_options.TryGetValue(name, out var option) ? $"; use {option}." : "."), ExitCode.Usage);
        }
    }

    public KafkaSettings(string bootstrap)
        : this(bootstrap, new Dictionary<string, string>())
    {
    }

    public string Bootstrap { get; }

    /// <summary>Where the log of every client goes that is made with these settings.</summary>
    public KafkaLog Log { get; private init; }

    private string[] Secrets => [.. _further.Where(s => s_secret.Any(s.Key.Contains) && s.Value.Length > 0).Select(s => s.Value)];

    /// <summary>The same, with the clients' log in <paramref name="log"/>.</summary>
    public KafkaSettings LogTo(ILogger log, TimeProvider time) => this with { Log = KafkaLog.To(log, Secrets, time) };

    /// <summary>Puts the address and the further settings into a client's configuration.</summary>
    public T Apply<T>(T config)
        where T : ClientConfig
    {
        foreach (var (name, value) in _further)
        {
            config.Set(name, value);
        }
        config.BootstrapServers = Bootstrap;
        return config;
    }

    /// <summary>The value of a further setting; null if it is not given.</summary>
    public string? Further(string name) => _further.GetValueOrDefault(name);

    /// <summary>Makes a client, and tells which setting the client refuses.</summary>
    /// <exception cref="StreamRecException">The client refuses; the message holds no secret.</exception>
    public T Open<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception fault) when (fault is InvalidOperationException or KafkaException or ArgumentException)
        {
            // The client may quote a value, or a part of it.
            var secret = _further.Keys.FirstOrDefault(name =>
                s_secret.Any(word => name.Contains(word)) && fault.Message.Contains(name, StringComparison.OrdinalIgnoreCase));
            throw new StreamRecException(
                $"Kafka's client refuses a setting: {(secret is null ? fault.Message : $"the value of {secret}")}. Settings come from Kafka:NAME in appsettings.json, "
                + "STREAMREC__KAFKA__NAME in the environment, and --set.", ExitCode.Usage);
        }
    }

    public StreamRecException Unreachable(string what) => new(
        $"Kafka at {Bootstrap} {what}. Is it running, and is --bootstrap right?", ExitCode.Unreachable) { Transient = true };

    /// <summary>What a refusal means, and which right mends it; null if the error is none.</summary>
    /// <param name="thing">What was asked for, such as <c>topic 'clicks'</c>.</param>
    public StreamRecException? Refusal(Error error, string thing) => error.Code switch
    {
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new(
            $"Kafka at {Bootstrap} refuses {thing} ({error.Reason}). Grant the right: docs/security.md lists them all.", ExitCode.Unreachable),
        ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => new(
            $"Kafka at {Bootstrap} refuses the user ({error.Reason}). Check Kafka:sasl.username, Kafka:sasl.password and Kafka:sasl.mechanism.",
            ExitCode.Unreachable),
        ErrorCode.Local_Ssl => new(
            $"Kafka at {Bootstrap}: TLS failed ({error.Reason}). Check Kafka:ssl.ca.location and, for a client certificate, "
            + "Kafka:ssl.certificate.location and Kafka:ssl.key.location.", ExitCode.Unreachable),
        _ => null,
    };

    /// <summary>Says where, and nothing else: the further settings may be secrets.</summary>
    public override string ToString() => $"Kafka at {Bootstrap}";
}
