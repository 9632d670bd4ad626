using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>A setting as it was given: its path below the section, its value, and where it stands.</summary>
internal readonly record struct GivenSetting(string Path, string Value, SettingSource Source, string Where);

/// <summary>The kinds of places that settings come from: the later wins.</summary>
internal enum SettingSource
{
    Default,
    File,
    Environment,
    CommandLine,
}

/// <summary>The places that settings come from, as they stand there: the later wins.</summary>
internal static class SettingSources
{
    public const string Section = "StreamRec";
    private const string FileName = "appsettings",
        Prefix = "STREAMREC__",
        Shorter = "STREAMREC_";
    private const int LeastEdits = 3;

    /// <summary>The process's environment.</summary>
    public static Dictionary<string, string> Variables() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>
    /// appsettings.json in a directory, that of the environment's name, and the environment's own variables.
    /// </summary>
    /// <exception cref="StreamRecException">A file is no JSON, or a variable is ambiguous or without
    /// effect.</exception>
    public static IEnumerable<GivenSetting> All(string directory, IReadOnlyDictionary<string, string> variables)
    {
        var name = variables.GetValueOrDefault("DOTNET_ENVIRONMENT") is { Length: > 0 } given ? given : "Production";
        return
        [
            .. FromFile(directory, $"{FileName}.json"),
            .. FromFile(directory, $"{FileName}.{name}.json"),
            .. FromEnvironment(variables),
        ];
    }

    private static IEnumerable<GivenSetting> FromFile(string directory, string file)
    {
        var root = Load(directory, file);
        if (root.GetChildren().FirstOrDefault(child => IsNearly(child.Key)) is { } near)
        {
            throw new StreamRecException(
                $"{file} has a section '{near.Key}': StreamRec's own is called {Section}.",
                FaultKind.Usage
            );
        }
        // What holds others has a value only where it is empty.
        return root.GetSection(Section)
            .AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Key.Length > 0 && pair.Value is not null)
            .Select(pair => new GivenSetting(pair.Key, pair.Value!, SettingSource.File, file));
    }

    private static bool IsNearly(string key) =>
        !key.Equals(Section, StringComparison.OrdinalIgnoreCase)
        && key.Length >= Section.Length - LeastEdits
        && Nearest.Of(key, [Section]) is not null;

    private static IConfigurationRoot Load(string directory, string file)
    {
        try
        {
            return new ConfigurationBuilder().SetBasePath(directory).AddJsonFile(file, optional: true).Build();
        }
        catch (InvalidDataException fault)
        {
            // What the parser says names the place, and quotes a character at most.
            var cause = Causes(fault).OfType<JsonException>().FirstOrDefault();
            throw new StreamRecException(
                cause is null
                    ? $"{file}: {fault.InnerException?.Message ?? fault.Message}"
                    : JsonFault.Describe(file, cause),
                FaultKind.Usage
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"{file} cannot be read: {fault.Message}", FaultKind.Usage);
        }
    }

    private static IEnumerable<Exception> Causes(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    private static List<GivenSetting> FromEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        var found = new List<GivenSetting>();
        foreach (var (name, value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            RefuseOneUnderscore(name);
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(
                    new(
                        name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal),
                        value,
                        SettingSource.Environment,
                        $"{name} in the environment"
                    )
                );
            }
        }
        // An environment has no order, so neither of two would win.
        if (
            found
                .GroupBy(setting => SettingsReader.Canonical(setting.Path), StringComparer.OrdinalIgnoreCase)
                .FirstOrDefault(same => same.Select(setting => setting.Value).Distinct().Count() > 1)
                ?.ToList() is
            { } two
        )
        {
            throw new StreamRecException(
                $"{two[0].Where} and {two[1].Where} are the same setting with two values: take one away.",
                FaultKind.Usage
            );
        }
        return found;
    }

    /// <summary>A setting written with one underscore for two would be without effect, and without a word.</summary>
    private static void RefuseOneUnderscore(string variable)
    {
        if (
            !variable.StartsWith(Shorter, StringComparison.OrdinalIgnoreCase)
            || variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        )
        {
            return;
        }
        var rest = variable[Shorter.Length..];
        const string Kafka = "KAFKA_";
        string[] securing = ["SASL_", "SSL_", "SECURITY_"];
        var meant =
            rest.StartsWith(Kafka, StringComparison.OrdinalIgnoreCase)
            && securing.Any(word => rest[Kafka.Length..].StartsWith(word, StringComparison.OrdinalIgnoreCase))
                ? $"KAFKA__{rest[Kafka.Length..]}"
                : SettingsReader
                    .Known.FirstOrDefault(known =>
                        known.Equals(
                            rest.Replace("_", "", StringComparison.Ordinal),
                            StringComparison.OrdinalIgnoreCase
                        )
                    )
                    ?.ToUpperInvariant();
        if (meant is not null)
        {
            throw new StreamRecException(
                $"{variable} in the environment has no effect: write {Prefix}{meant}, with two underscores.",
                FaultKind.Usage
            );
        }
    }
}
