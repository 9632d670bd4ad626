using StreamRec.Events;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>Reads the section <c>StreamRec</c>, of which each command takes what it needs.</summary>
internal static class SettingsReader
{
    private const string Kafka = nameof(ServerOptions.Kafka);

    /// <summary>Where a setting stands that was given nowhere.</summary>
    private const string Nowhere = "the default";

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
        foreach (var setting in All(given, directory, variables))
        {
            Take(options, setting);
        }
        Setting.Check(options);
        options.ValidatePrefix();
        return options;
    }

    /// <summary>
    /// Every setting as it is in force, and where it was given; those of Kafka's client by their names.
    /// </summary>
    /// <exception cref="StreamRecException">As <see cref="Read{T}(IEnumerable{KeyValuePair{string, string}})"/>; but
    /// what is out of its range is shown.</exception>
    internal static (WorkOptions Options, IReadOnlyList<EffectiveSetting> Settings) Explain(
        IEnumerable<KeyValuePair<string, string?>> given,
        string directory,
        IReadOnlyDictionary<string, string> variables
    )
    {
        var options = new WorkOptions();
        var last = new Dictionary<string, GivenSetting>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in All(given, directory, variables))
        {
            Take(options, setting);
            last[Canonical(setting.Path)] = setting;
        }
        EffectiveSetting Of(string name, string value) =>
            last.TryGetValue(name, out var found)
                ? new(name, value, found.Source, found.Where)
                : new(name, value, SettingSource.Default, Nowhere);
        return (
            options,
            [
                .. Setting
                    .Of(typeof(WorkOptions))
                    .Where(setting => setting.Name != Kafka)
                    .Select(setting =>
                        Of(
                            setting.Name,
                            setting.Property.GetValue(options) is { } value ? SettingValue.Show(value) : ""
                        )
                    ),
                .. options
                    .Kafka.OrderBy(setting => setting.Key, StringComparer.Ordinal)
                    .Select(setting => Of($"{Kafka}:{setting.Key}", setting.Value)),
            ]
        );
    }

    private static IEnumerable<GivenSetting> All(
        IEnumerable<KeyValuePair<string, string?>> given,
        string directory,
        IReadOnlyDictionary<string, string> variables
    ) =>
        SettingSources
            .All(directory, variables)
            .Concat(
                given
                    .Where(setting => setting.Value is not null)
                    .Select(setting => new GivenSetting(
                        setting.Key,
                        setting.Value!,
                        SettingSource.CommandLine,
                        "the command line"
                    ))
            );

    /// <summary>One form for all the ways in which a setting may be written.</summary>
    public static string Canonical(string path) =>
        KafkaName(path) is { } name ? $"{Kafka}:{name}" : EarlierNames.Today(path);

    private static void Take(ServerOptions options, GivenSetting given)
    {
        var parts = given.Path.Split(':');
        parts[0] = EarlierNames.Today(parts[0]);
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
