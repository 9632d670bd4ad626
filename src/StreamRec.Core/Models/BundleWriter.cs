using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace StreamRec.Models;

/// <summary>Writes a bundle: the same contents give the same bytes and the same model id.</summary>
public static class BundleWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Tells whether a bundle can be written there, before a training that may take hours.</summary>
    /// <exception cref="StreamRecException">The directory is not empty, or cannot be made.</exception>
    public static void CheckPlace(string directory)
    {
        var (target, parent) = Place(directory);
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new StreamRecException(
                $"{directory} is there and not empty: a bundle is never changed. Name another directory.",
                FaultKind.Usage
            );
        }
        try
        {
            Directory.CreateDirectory(parent);
            var probe = TemporaryOf(target, parent);
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"No bundle can be written to {directory}: {fault.Message}",
                FaultKind.Usage,
                fault
            );
        }
    }

    /// <summary>
    /// Writes into a directory beside <paramref name="directory"/> and renames it, so that a reader sees all or
    /// nothing.
    /// </summary>
    /// <returns>The manifest as written. A directory that already holds this very model is left as it is.</returns>
    /// <exception cref="StreamRecException">The directory holds something else: bundles are immutable.</exception>
    public static BundleManifest Write(string directory, BundleContents contents)
    {
        CheckShapes(contents);
        var (target, parent) = Place(directory);
        Directory.CreateDirectory(parent);
        var temporary = TemporaryOf(target, parent);
        Directory.CreateDirectory(temporary);
        try
        {
            BundleManifest manifest = WriteFiles(temporary, contents);
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                return HoldsModel(target, manifest.ModelId)
                    ? manifest
                    : throw new StreamRecException(
                        $"{directory} is not empty and holds another model; bundles are immutable. "
                            + "Name a new directory.",
                        FaultKind.Usage
                    );
            }
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }
            Directory.Move(temporary, target);
            return manifest;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static (string Target, string Parent) Place(string directory)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        return (
            target,
            Path.GetDirectoryName(target)
                ?? throw new StreamRecException(
                    $"{directory} is not a place for a bundle; name a new directory.",
                    FaultKind.Usage
                )
        );
    }

    private static string TemporaryOf(string target, string parent) =>
        Path.Combine(parent, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");

    private static BundleManifest WriteFiles(string directory, BundleContents contents)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Put(string name, ReadOnlySpan<byte> bytes)
        {
            File.WriteAllBytes(Path.Combine(directory, name), bytes);
            hashes[name] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        }
        Put(BundleFiles.Encoder, contents.Encoder.Span);
        Put(BundleFiles.Vectors, Bytes(contents.Vectors.Span));
        Put(BundleFiles.Items, Lines(contents.ItemIds));
        if (!contents.Step.IsEmpty)
        {
            Put(BundleFiles.Step, contents.Step.Span);
        }
        if (!contents.Explain.IsEmpty)
        {
            Put(BundleFiles.Explain, contents.Explain.Span);
        }
        if (!contents.Biases.IsEmpty)
        {
            Put(BundleFiles.Biases, Bytes(contents.Biases.Span));
        }
        if (!contents.Counts.IsEmpty)
        {
            Put(BundleFiles.Counts, Bytes(contents.Counts.Span));
        }
        if (!contents.Popularity.IsEmpty)
        {
            Put(BundleFiles.Popularity, Bytes(contents.Popularity.Span));
        }
        if (contents.Categories is { } categories)
        {
            Put(BundleFiles.Categories, Lines(categories));
        }
        if (contents.Segments.Count > 0)
        {
            Put(BundleFiles.Segments, SegmentLines.Write(contents.Segments));
        }
        if (!contents.Trained.IsEmpty)
        {
            Put(BundleFiles.Trained, contents.Trained.Span);
        }
        if (contents.Probe is { } probe)
        {
            Put(BundleFiles.Probe, probe.ToJson());
        }
        if (contents.Reranker is { } reranker)
        {
            Put(BundleFiles.Reranker, reranker.Network.Span);
            Put(BundleFiles.Weights, reranker.Weights.Span);
            Put(BundleFiles.Transitions, reranker.Transitions.Span);
        }
        if (contents.Tower is { } tower)
        {
            Put(BundleFiles.Tower, JsonSerializer.SerializeToUtf8Bytes(tower.Manifest, Indented));
            Put(BundleFiles.TowerRows, Bytes(tower.Values));
        }
        var manifest = new BundleManifest
        {
            Format = BundleManifest.CurrentFormat,
            ModelId = ModelId(contents, hashes),
            Dimension = contents.Dimension,
            Window = contents.Window,
            Items = contents.ItemIds.Count - 1,
            Inputs = contents.Inputs,
            Architecture = contents.Architecture,
            TrainedFromMs = contents.TrainedFromMs,
            TrainedToMs = contents.TrainedToMs,
            Types = contents.Types is null ? null : [.. contents.Types.Order(StringComparer.Ordinal)],
            ExcludeSeen = contents.ExcludeSeen,
            RepeatShare = contents.RepeatShare,
            PopularHalfLifeMs = contents.PopularHalfLifeMs,
            Reranker = contents.Reranker?.Manifest,
            Quality = new SortedDictionary<string, double>(contents.Quality.ToDictionary(), StringComparer.Ordinal),
            Files = hashes,
        };
        File.WriteAllText(
            Path.Combine(directory, BundleFiles.Manifest),
            JsonSerializer.Serialize(manifest, Indented) + "\n"
        );
        return manifest;
    }

    private static string ModelId(BundleContents contents, SortedDictionary<string, string> hashes)
    {
        var text =
            $"{contents.Architecture} {contents.Dimension} {contents.Window}\n"
            + string.Concat(hashes.Select(file => $"{file.Key} {file.Value}\n"))
            + (
                contents.Reranker?.Manifest is { } reranker
                    ? $"{reranker.Candidates} {string.Join(' ', reranker.Features)}\n"
                    : ""
            );
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static bool HoldsModel(string directory, string modelId)
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        return File.Exists(path) && Bundle.ReadManifest(path).ModelId == modelId;
    }

    private static byte[] Lines<T>(IReadOnlyList<T> byItem)
    {
        using var lines = new MemoryStream();
        foreach (T item in byItem.Skip(1))
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(item));
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }

    private static byte[] Bytes(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }
        return bytes;
    }

    private static byte[] Bytes(ReadOnlySpan<long> values)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }
        return bytes;
    }

    private static void CheckShapes(BundleContents contents)
    {
        var rows = contents.ItemIds.Count;
        if (
            rows < 2
            || contents.Vectors.Length != (long)rows * contents.Dimension
            || (!contents.Biases.IsEmpty && contents.Biases.Length != rows)
            || (!contents.Counts.IsEmpty && contents.Counts.Length != rows)
            || (!contents.Popularity.IsEmpty && contents.Popularity.Length != rows)
            || (contents.Categories is { } categories && categories.Count != rows)
        )
        {
            throw new ArgumentException(
                "Ids, vectors, biases, counts, popularity and categories must describe the same items.",
                nameof(contents)
            );
        }
        if (contents.Tower is { } tower && tower.Dimension != contents.Dimension)
        {
            throw new ArgumentException("The tower's vectors are not as wide as the items'.", nameof(contents));
        }
        if (contents.Tower?.Manifest.Fault() is { } fault)
        {
            throw new ArgumentException($"Nobody could load the tower: {fault}.", nameof(contents));
        }
        if (contents.Vectors.Length > Array.MaxLength / sizeof(float))
        {
            throw new StreamRecException(
                $"{rows - 1} items of dimension {contents.Dimension} are more than the 2 GiB that "
                    + $"{BundleFiles.Vectors} may have. Lower the dimension, or leave rare items out.",
                FaultKind.Input
            );
        }
    }
}
