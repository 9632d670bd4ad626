using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using StreamRec.Events;
using StreamRec.Settings;

namespace StreamRec.Training.Options;

/// <summary>
/// Options as a JSON file: <see cref="ModelOptions"/>' names in snake_case, what is left out derived from the data.
/// </summary>
public static class ModelConfig
{
    private const int LongestValue = 40;

    private static readonly JsonDocumentOptions s_reading = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private static readonly JsonSerializerOptions s_format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The options by the names that a configuration gives them.</summary>
    public static IReadOnlyList<Setting> Settings { get; } = Setting.Of(typeof(ModelOptions), Name);

    /// <summary>An option's name in a configuration.</summary>
    public static string Name(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);

    /// <exception cref="StreamRecException">The file is missing, or holds something that is no option.</exception>
    public static ModelOptions Read(string path) =>
        ReadJson(path, "configuration") is JsonObject options
            ? Options(path, options)
            : throw new StreamRecException(
                $"{path} is no configuration: it should be an object of options, "
                    + "such as {\"dimension\": 64, \"epochs\": 5}.",
                FaultKind.Usage
            );

    /// <summary>Reads a file of JSON.</summary>
    /// <param name="what">What it should be, for messages.</param>
    /// <exception cref="StreamRecException">The file is missing, or is no JSON; the message names the line.</exception>
    internal static JsonNode? ReadJson(string path, string what)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path), documentOptions: s_reading);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"The {what} {path} cannot be read: {fault.Message}", FaultKind.Usage, fault);
        }
        catch (JsonException fault)
        {
            throw new StreamRecException(
                $"The {what} is no JSON: {JsonFault.Describe(path, fault)}",
                FaultKind.Usage,
                fault
            );
        }
    }

    /// <summary>The options that an object gives.</summary>
    /// <param name="where">Where the object stands, for messages.</param>
    /// <exception cref="StreamRecException">A name is no option, or its value is of another kind.</exception>
    public static ModelOptions Options(string where, JsonObject given)
    {
        foreach ((var name, var value) in given)
        {
            var setting =
                Settings.FirstOrDefault(known => known.Name == name)
                ?? throw new StreamRecException(
                    $"{where}: there is no option "
                        + $"'{Excerpt.Of(name)}'.{Nearest.Hint(name, Settings.Select(known => known.Name))} "
                        + "`streamrec train --help` lists them all.",
                    FaultKind.Usage
                );
            if (Wanted(setting, value) is { } wanted)
            {
                var text = value?.ToJsonString() ?? "null";
                throw new StreamRecException(
                    $"{where}: {name} is {(text.Length > LongestValue ? text[..LongestValue] + "…" : text)}: "
                        + $"give {wanted}.",
                    FaultKind.Usage
                );
            }
        }
        var options = given.Deserialize<ModelOptions>(s_format)!;
        CheckGiven(options);
        return options;
    }

    /// <summary>
    /// Checks the ranges of what is not left to be derived, so that nothing is read or trained before a wrong value is
    /// told.
    /// </summary>
    /// <exception cref="StreamRecException">An option is out of its range.</exception>
    public static void CheckGiven(ModelOptions options)
    {
        foreach (var setting in Settings)
        {
            var value = setting.Property.GetValue(options);
            if (value is not (null or 0 or 0f or 0d))
            {
                setting.CheckValue(value);
            }
        }
    }

    /// <summary>What a value should be; null if it is that.</summary>
    private static string? Wanted(Setting setting, JsonNode? value)
    {
        var nullable = Nullable.GetUnderlyingType(setting.Property.PropertyType);
        var type = nullable ?? setting.Property.PropertyType;
        if (value is null)
        {
            var derived = nullable is not null || setting.Property.Name == nameof(ModelOptions.Loss);
            return derived ? null : "a value, or leave it out";
        }
        var kind = value.GetValueKind();
        if (type == typeof(bool))
        {
            return kind is JsonValueKind.True or JsonValueKind.False ? null : "true or false";
        }
        if (type == typeof(string))
        {
            return kind == JsonValueKind.String && setting.About.Choices.Contains(value.GetValue<string>())
                ? null
                : Setting.Either([.. setting.About.Choices.Select(choice => $"\"{choice}\"")]);
        }
        return type == typeof(int)
            ? kind == JsonValueKind.Number && value.AsValue().TryGetValue(out int _)
                ? null
                : "a whole number"
            : kind == JsonValueKind.Number
            && value.AsValue().TryGetValue(out double number)
            && float.IsFinite((float)number)
                ? null
                : "a number";
    }
}
