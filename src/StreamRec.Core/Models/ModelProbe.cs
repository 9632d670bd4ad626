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

    internal const int MostBytes = 64 << 20;
    private const int Longest = 256;
    private const int Seed = 20;

    [JsonPropertyName("format")]
    public required int Format { get; init; }

    [JsonPropertyName("sequences")]
    public required IReadOnlyList<ProbeCase> Sequences { get; init; }

    /// <summary>
    /// Sequences to probe a model by, of 1 to 2W−1 events: the first item and the last are there, and repetitions.
    /// </summary>
    /// <param name="items">N.</param>
    /// <param name="window">W.</param>
    public static int[][] SequencesFor(int items, int window)
    {
        var (random, longest) = (new Random(Seed), Math.Min(2 * window - 1, Longest));
        var sequences = new int[Cases][];
        for (var one = 0; one < Cases; one++)
        {
            var length =
                one == 0 ? 1
                : one == 1 ? longest
                : random.Next(1, longest + 1);
            sequences[one] = new int[length];
            for (var at = 0; at < length; at++)
            {
                sequences[one][at] = random.Next(1, items + 1);
            }
        }
        (sequences[0][0], sequences[1][0], sequences[1][^1]) = (1, items, 1);
        return sequences;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>As <see cref="Parse"/>, of a file whose size nobody has looked at.</summary>
    /// <exception cref="StreamRecException">As there.</exception>
    public static ModelProbe Read(string path, BundleManifest manifest)
    {
        var bytes = new FileInfo(path).Length;
        return bytes <= MostBytes
            ? Parse(File.ReadAllBytes(path), manifest, path)
            : throw new StreamRecException(
                $"{path}: {bytes} bytes are more than the {MostBytes} that it may have.",
                FaultKind.Input
            );
    }

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
