using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamRec.Training;

/// <summary>Options as a JSON file: <see cref="ModelOptions"/>' names in snake_case, what is left out derived from the data.</summary>
public static class ModelConfig
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <exception cref="StreamRecException">The file is missing, or holds something that is no option.</exception>
    public static ModelOptions Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelOptions>(File.ReadAllBytes(path), Format)
                ?? throw new StreamRecException($"{path} holds null where options should be.", ExitCode.Usage);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"The configuration {path} cannot be read: {fault.Message}", ExitCode.Usage, fault);
        }
        catch (JsonException fault)
        {
            throw new StreamRecException(
                $"{path} is not a configuration: {fault.Message} The names are those of `streamrec train --help`, with _ for -.",
                ExitCode.Usage, fault);
        }
    }

    /// <exception cref="JsonException">The text names something that is no option.</exception>
    public static ModelOptions Parse(string json) => JsonSerializer.Deserialize<ModelOptions>(json, Format) ?? new ModelOptions();

    /// <summary>An option's name in a file.</summary>
    public static string NameOf(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);

    /// <summary>The options as one line of JSON.</summary>
    public static string Write(ModelOptions options) => JsonSerializer.Serialize(options, Format);
}
