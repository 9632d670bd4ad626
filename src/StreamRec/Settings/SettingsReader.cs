using Microsoft.Extensions.Configuration;
using StreamRec.Work;

namespace StreamRec.Settings;

/// <summary>Reads the section <c>StreamRec</c>, of which each command takes what it needs.</summary>
internal static class SettingsReader
{
    private const string Section = "StreamRec";

    /// <summary>From appsettings.json in the working directory, the environment, and what was given on the command line.</summary>
    /// <param name="given">Settings by name; null where an option was not given.</param>
    /// <exception cref="StreamRecException">A setting is not known, or cannot be read.</exception>
    public static T Read<T>(IEnumerable<KeyValuePair<string, string?>> given)
        where T : ServerOptions, new()
    {
        try
        {
            return Bind<T>(new ConfigurationBuilder().SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables()
                .AddInMemoryCollection(given.Where(setting => setting.Value is not null)
                    .Select(setting => KeyValuePair.Create($"{Section}:{setting.Key}", setting.Value))).Build());
        }
        catch (InvalidDataException fault)
        {
            // The parser's own message names the place, and quotes nothing.
            throw new StreamRecException($"{fault.Message} {fault.InnerException?.Message}", ExitCode.Usage);
        }
    }

    private static T Bind<T>(IConfigurationRoot configuration)
        where T : ServerOptions, new()
    {
        var section = configuration.GetSection(Section);
        var known = typeof(WorkOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).ToArray();
        // A misspelt RedisTls would send the password in the clear.
        if (section.GetChildren().FirstOrDefault(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } stranger)
        {
            throw new StreamRecException(
                $"There is no setting '{stranger.Key}' (from {Section} in appsettings.json, or {Section.ToUpperInvariant()}__{stranger.Key} in the "
                + $"environment). There are: {string.Join(", ", known.Order(StringComparer.Ordinal))}.", ExitCode.Usage);
        }
        var options = new T();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            throw new StreamRecException($"A setting cannot be read: {fault.Message}", ExitCode.Usage);
        }
        options.Kafka = KafkaSettings(configuration);
        options.ValidatePrefix();
        return options;
    }

    /// <summary>By librdkafka's own names, so that the later source wins whichever way it is written.</summary>
    private static Dictionary<string, string> KafkaSettings(IConfigurationRoot configuration)
    {
        const string Parent = $"{Section}:{nameof(ServerOptions.Kafka)}";
        Dictionary<string, string> settings = [];
        foreach (var provider in configuration.Providers)
        {
            foreach (var name in provider.GetChildKeys([], Parent).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (provider.TryGet($"{Parent}:{name}", out var value) && value is not null)
                {
                    settings[name.ToLowerInvariant().Replace('_', '.')] = value;
                }
            }
        }
        return settings;
    }
}
