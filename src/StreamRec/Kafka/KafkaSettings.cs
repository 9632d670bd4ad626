using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamRec.Kafka;

/// <summary>How to reach Kafka. Further librdkafka settings (TLS, SASL, …) pass through and are never logged.</summary>
internal sealed record KafkaSettings
{
    private static readonly string[] s_secret = ["password", "secret", "pem", "oauthbearer", "jaas"];

    /// <summary>How librdkafka begins where its build lacks a mechanism.</summary>
    private const string NoProvider = "No provider for SASL mechanism";

    private readonly IReadOnlyDictionary<string, string> _further;

    /// <param name="further">By librdkafka's names.</param>
    /// <exception cref="StreamRecException">A setting is StreamRec's own, or the address holds a user.</exception>
    public KafkaSettings(string bootstrap, IReadOnlyDictionary<string, string> further)
    {
        if (bootstrap.Contains('@'))
        {
            throw new StreamRecException(
                "--bootstrap holds an @: give HOST:PORT, commas between. "
                    + "A user and a password are Kafka:sasl.username and Kafka:sasl.password.",
                FaultKind.Usage
            );
        }
        (Bootstrap, _further) = (bootstrap, further);
        Log = KafkaLog.ToErrors(Secrets);
        OwnSettings.Refuse(further.Keys);
    }

    public KafkaSettings(string bootstrap)
        : this(bootstrap, new Dictionary<string, string>()) { }

    public string Bootstrap { get; }

    /// <summary>Where the log of every client goes that is made with these settings.</summary>
    public KafkaLog Log { get; private init; }

    /// <summary>Whether the value of a setting, by librdkafka's name, is never shown.</summary>
    public static bool IsSecret(string name) => s_secret.Any(name.Contains);

    private string[] Secrets => [.. _further.Where(s => IsSecret(s.Key) && s.Value.Length > 0).Select(s => s.Value)];

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
            throw new StreamRecException(
                fault.Message.Contains(NoProvider, StringComparison.Ordinal)
                    ? Mechanism(fault.Message)
                    : Refused(fault.Message),
                FaultKind.Usage
            );
        }
    }

    private string Refused(string message)
    {
        // The client may quote a value, or a part of it.
        var secret = _further
            .FirstOrDefault(setting =>
                IsSecret(setting.Key)
                && (
                    message.Contains(setting.Key, StringComparison.OrdinalIgnoreCase)
                    || (setting.Value.Length > 0 && message.Contains(setting.Value, StringComparison.Ordinal))
                )
            )
            .Key;
        var told = secret is null ? message.Trim().TrimEnd('.') : $"the value of {secret}";
        return $"Kafka's client refuses a setting: {told}. Settings come from Kafka:NAME in appsettings.json, "
            + "STREAMREC__KAFKA__NAME in the environment, and --set.";
    }

    // As the client says it, "recompile librdkafka" is no advice for who runs StreamRec.
    private string Mechanism(string message)
    {
        const string Begin = "options: ";
        var built = message.IndexOf(Begin, StringComparison.Ordinal) is var at and >= 0
            ? message[(at + Begin.Length)..].Trim()
            : "others";
        var asked =
            Further("sasl.mechanism")
            ?? Further("sasl.mechanisms")
            ?? "GSSAPI (Kerberos), which SASL means where none is named";
        return $"Kafka's client, as StreamRec ships it, has no SASL mechanism {asked}: it has {built}. Set "
            + "Kafka:sasl.mechanism to one that Kafka offers too (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER), "
            + "or use client certificates: docs/security.md.";
    }

    public StreamRecException Unreachable(string what) =>
        new($"Kafka at {Bootstrap} {what}. Is it running, and is --bootstrap right?", FaultKind.Unreachable)
        {
            Transient = true,
        };

    /// <summary>What is told of an error of Kafka's or of its client's, whatever it is.</summary>
    /// <inheritdoc cref="Refusal" path="/param"/>
    public StreamRecException Fault(Error error, string thing) =>
        Refusal(error, thing)
        ?? Unreachable(
            error.Code == ErrorCode.Local_AllBrokersDown ? "did not answer" : $"did not answer ({error.Reason})"
        );

    /// <summary>
    /// What a refusal means, and which right mends it; null if the error is none, so that waiting may help.
    /// </summary>
    /// <param name="thing">What was asked for, such as <c>topic 'clicks'</c>.</param>
    public StreamRecException? Refusal(Error error, string thing) =>
        error.Code switch
        {
            ErrorCode.TopicAuthorizationFailed
            or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.ClusterAuthorizationFailed => new(
                $"Kafka at {Bootstrap} refuses {thing} ({error.Reason}). "
                    + "Grant the right: docs/security.md lists them all.",
                FaultKind.Unreachable
            ),
            ErrorCode.SaslAuthenticationFailed
            or ErrorCode.Local_Authentication
            or ErrorCode.UnsupportedSaslMechanism
            or ErrorCode.IllegalSaslState => new(
                $"Kafka at {Bootstrap} refuses the user ({error.Reason}). "
                    + "Check Kafka:sasl.username, Kafka:sasl.password and Kafka:sasl.mechanism.",
                FaultKind.Unreachable
            ),
            ErrorCode.Local_Ssl => new(
                $"Kafka at {Bootstrap}: TLS failed ({error.Reason}). "
                    + "Check Kafka:ssl.ca.location and, for a client certificate, "
                    + "Kafka:ssl.certificate.location and Kafka:ssl.key.location.",
                FaultKind.Unreachable
            ),
            ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature => new(
                $"Kafka at {Bootstrap} is too old for {thing} ({error.Reason}).",
                FaultKind.Unreachable
            ),
            ErrorCode.InvalidConfig
            or ErrorCode.InvalidRequest
            or ErrorCode.PolicyViolation
            or ErrorCode.TopicException => new(
                $"Kafka at {Bootstrap} refuses {thing} ({error.Reason}).",
                FaultKind.Unreachable
            ),
            _ => null,
        };

    /// <summary>Says where, and nothing else: the further settings may be secrets.</summary>
    public override string ToString() => $"Kafka at {Bootstrap}";
}
