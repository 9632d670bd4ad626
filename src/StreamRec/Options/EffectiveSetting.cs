using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Redis.Connection;

namespace StreamRec.Options;

/// <summary>A setting in force.</summary>
/// <param name="Value">As it could be given; may be a secret.</param>
/// <param name="Where">The file, the variable, or what else it was given by.</param>
internal sealed record EffectiveSetting(string Name, string Value, SettingSource Source, string Where)
{
    private const string Masked = "…";

    /// <summary>The value as it may be shown: no secret, and nothing that a terminal obeys.</summary>
    public string Shown =>
        Name switch
        {
            _ when Value.Length == 0 => "",
            nameof(ServerOptions.RedisPassword) => Masked,
            nameof(ServerOptions.Redis) => Address(Value),
            // It takes no user, and whoever gave one gave its password too.
            nameof(ServerOptions.Bootstrap) when Value.Contains('@') => Masked,
            _ when KafkaName is { } name && KafkaSettings.IsSecret(name) => Masked,
            _ => Excerpt.Of(Value),
        };

    /// <summary>Whether some of the value is not shown.</summary>
    public bool IsMasked => Shown.EndsWith(Masked, StringComparison.Ordinal);

    private string? KafkaName => Name.StartsWith("Kafka:", StringComparison.Ordinal) ? Name["Kafka:".Length..] : null;

    private static string Address(string address) =>
        RedisAddress.Hosts(address) is var hosts && hosts == address ? Excerpt.Of(address) : Excerpt.Of(hosts) + Masked;
}
