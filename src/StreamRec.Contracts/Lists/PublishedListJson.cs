using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamRec.Lists;

/// <summary>How a list is read and written, compiled: no reflection, so that it survives trimming.</summary>
[JsonSerializable(typeof(PublishedList))]
[JsonSerializable(typeof(WithdrawnItems))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class PublishedListJson : JsonSerializerContext
{
    /// <summary>Text stays as it is where JSON does not want an escape.</summary>
    public static PublishedListJson Line { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
