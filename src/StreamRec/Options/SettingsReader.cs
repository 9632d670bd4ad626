using StreamRec.Events;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>Reads the section <c>StreamRec</c>, of which each command takes what it needs.</summary>
internal static class SettingsReader
{
    private const string Kafka = nameof(ServerOptions.Kafka);

    private static readonly string[] s_secret = [nameof(ServerOptions.RedisPassword)];

    /// <summary>The names of all settings, whichever command takes them.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [.. Setting.Of(typeof(WorkOptions)).Select(setting => setting.Name)];

    /// <summary>
    /// From appsettings.json in the working directory, the environment, and what was given on the command line.
    /// </summary>
    /// <param name="given">Settings by name; null where an option was not given.</param>
    /// <exception cref="StreamRecException">A setting is not known, cannot be read, or is out of its range.</exception>
    public static T Read<T>(IEnumerable<KeyValuePair<string, string?>> given)
        where T : ServerOptions, new() => Read<T>(given, Directory.GetCurrentDirectory(), SettingSources.Variables());

    /// <summary>
    /// As <see cref="Read{T}(IEnumerable{KeyValuePair{string, string}})"/>, from another directory and environment.
    /// </summary>
    internal static T Read<T>(
        IEnumerable<KeyValuePair<string, string?>> given,
        string directory,
        IReadOnlyDictionary<string, string> variables
    )
        where T : ServerOptions, new()
    {
        var options = new T();
        var commandLine = given
            .Where(setting => setting.Value is not null)
            .Select(setting => new GivenSetting(setting.Key, setting.Value!, "the command line"));
        foreach (var setting in SettingSources.All(directory, variables).Concat(commandLine))
        {
            Take(options, setting);
        }
        Setting.Check(options);
        options.ValidatePrefix();
        return options;
    }

    /// <summary>One form for all the ways in which a setting may be written.</summary>
    public static string Canonical(string path) => KafkaName(path) is { } name ? $"{Kafka}:{name}" : path;

    private static void Take(ServerOptions options, GivenSetting given)
    {
        var parts = given.Path.Split(':');
        // A misspelt RedisTls would send the password in the clear.
        var known =
            Known.FirstOrDefault(name => name.Equals(parts[0], StringComparison.OrdinalIgnoreCase))
            ?? throw Stranger(parts[0], given.Where);
        if (known == Kafka)
        {
            TakeKafka(options, parts, given);
            return;
        }
        // A command passes over what only others take, but not over what none of them knows.
        if (Setting.Of(options.GetType()).FirstOrDefault(setting => setting.Name == known) is not { } taken)
        {
            return;
        }
        if (parts.Length > 1)
        {
            throw new StreamRecException(
                $"{known} in {given.Where} has parts below it ({Shown(given.Path)}): a setting is one value"
                    + (int.TryParse(parts[1], out _) ? ", such as \"a,b\" for a list." : "."),
                FaultKind.Usage
            );
        }
        if (SettingValue.Read(taken.Property.PropertyType, given.Value, out var value) is { } advice)
        {
            throw new StreamRecException(
                $"{known} is '{(s_secret.Contains(known) ? "…" : Excerpt.Of(given.Value))}' (from "
                    + $"{given.Where}): {advice}",
                FaultKind.Usage
            );
        }
        taken.Property.SetValue(options, value);
    }

    private static void TakeKafka(ServerOptions options, string[] parts, GivenSetting given)
    {
        if (parts.Length == 1 && given.Value.Length == 0)
        {
            return;
        }
        if (KafkaName(given.Path) is not { } name)
        {
            var meant = string.Join('_', parts.Skip(1));
            throw new StreamRecException(
                parts.Length == 1
                    ? $"Kafka (from {given.Where}) holds settings by name, such as Kafka:security.protocol, "
                        + "and no value of its own."
                    : $"{Shown(given.Path)} (from {given.Where}) has a level too many: "
                        + $"write Kafka:{Shown(meant.ToLowerInvariant().Replace('_', '.'))}, "
                        + $"in the environment STREAMREC__KAFKA__{Shown(meant.ToUpperInvariant())}.",
                FaultKind.Usage
            );
        }
        // JSON's own true and false come in .NET's spelling.
        options.Kafka[name] = given.Value is "True" or "False" ? given.Value.ToLowerInvariant() : given.Value;
    }

    /// <summary>librdkafka's own name of a setting below Kafka; null where the path is none.</summary>
    private static string? KafkaName(string path) =>
        path.Split(':') is [var first, { Length: > 0 } name] && first.Equals(Kafka, StringComparison.OrdinalIgnoreCase)
            ? name.ToLowerInvariant().Replace('_', '.')
            : null;

    private static StreamRecException Stranger(string name, string where) =>
        new(
            $"There is no setting '{Shown(name)}' (from {where}).{Nearest.Hint(name, Known)} "
                + $"There are: {string.Join(", ", Known.Order(StringComparer.Ordinal))}.",
            FaultKind.Usage
        );

    private static string Shown(string text) => Excerpt.Of(text);
}
