using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamRec.Models;

/// <summary>
/// probe.json of a bundle: sequences with what the model makes of them, so that whoever loads it sees that it is the
/// same model here. See schemas/bundle.md.
/// </summary>
public sealed record ModelProbe
{
    /// <summary>The format that is written, and the only one that is read.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Sequences that are made.</summary>
    public const int Cases = 32;

    /// <summary>Places of the lists that are made.</summary>
    public const int Places = 10;

    private const int MostBytes = 64 << 20;

    [JsonPropertyName("format")]
    public required int Format { get; init; }

    [JsonPropertyName("sequences")]
    public required IReadOnlyList<ProbeCase> Sequences { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <exception cref="StreamRecException">It is no probe of a model of these sizes; the message names the
    /// file.</exception>
    /// <param name="path">For messages.</param>
    public static ModelProbe Parse(ReadOnlySpan<byte> json, BundleManifest manifest, string path)
    {
        ModelProbe? probe;
        try
        {
            probe =
                json.Length <= MostBytes
                    ? JsonSerializer.Deserialize<ModelProbe>(json)
                    : throw new JsonException($"larger than {MostBytes} bytes");
        }
        catch (JsonException fault)
        {
            throw new StreamRecException($"{path} is not a bundle's probe: {fault.Message}", FaultKind.Input, fault);
        }
        var wrong = probe switch
        {
            null => "it is null",
            { Format: not CurrentFormat } =>
                $"format {probe.Format} is not known; this version reads format {CurrentFormat}",
            { Sequences: null or { Count: 0 } } => "it has no sequences",
            _ => probe.Sequences.Select(one => one?.Fault(manifest) ?? "a sequence is null").FirstOrDefault(IsWrong),
        };
        return IsWrong(wrong) ? throw new StreamRecException($"{path}: {wrong}.", FaultKind.Input) : probe!;
    }

    private static bool IsWrong(string? what) => what is { Length: > 0 };
}

/// <summary>A sequence, and what the model makes of it.</summary>
public sealed record ProbeCase
{
    /// <summary>Item indices, oldest first, 1…N.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<int> Items { get; init; }

    /// <summary>The user vector, D numbers.</summary>
    [JsonPropertyName("user")]
    public required IReadOnlyList<float> User { get; init; }

    /// <summary>Indices of the best items by score alone, best first.</summary>
    [JsonPropertyName("top")]
    public required IReadOnlyList<int> Top { get; init; }

    /// <summary>As many scores.</summary>
    [JsonPropertyName("scores")]
    public required IReadOnlyList<float> Scores { get; init; }

    /// <summary>What cannot be of this model; empty: nothing.</summary>
    internal string Fault(BundleManifest manifest)
    {
        bool Known(int item) => item >= 1 && item <= manifest.Items;
        return Items is not { Count: > 0 } || !Items.All(Known) ? "a sequence is empty, or has an item beyond the last"
            : User?.Count != manifest.Dimension ? $"a user vector has not {manifest.Dimension} numbers"
            : Top is null || !Top.All(Known) || Scores?.Count != Top.Count
                ? "a list has an item beyond the last, or not as many scores"
            : "";
    }
}
