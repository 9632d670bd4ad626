using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text.Json;
using StreamRec.Events;

namespace StreamRec.Models;

/// <summary>Reads and checks the files that a manifest names.</summary>
internal sealed class BundleReader(string directory, BundleManifest manifest)
{
    internal const int MaxManifestBytes = 1 << 20;
    private const long MaxModelBytes = int.MaxValue;
    private const int MaxIdBytes = 128;

    /// <summary>A quoted character and the line's end; the last line may lack it.</summary>
    private const long LeastLineBytes = 4;

    private int Rows => manifest.Items + 1;

    public bool Has(string name) => manifest.Files.ContainsKey(name);

    public string PathOf(string name) => Path.Combine(Path.GetFullPath(directory), name);

    public StreamRecException Broken(string name, string what) =>
        new($"{Path.Combine(directory, name)}: {what}. Copy the bundle again, or train it anew.", FaultKind.Input);

    /// <summary>Every named file lies in the directory, is no larger than it can be, and has its SHA-256.</summary>
    public void VerifyAll()
    {
        foreach (string required in (string[])[BundleFiles.Encoder, BundleFiles.Vectors, BundleFiles.Items])
        {
            if (!Has(required))
            {
                throw Broken(BundleFiles.Manifest, $"it does not name {required}");
            }
        }

        foreach ((string name, string hash) in manifest.Files)
        {
            CheckPlace(name);
            long length = new FileInfo(PathOf(name)).Length;
            if (length > MaxBytes(name))
            {
                throw Broken(name, $"{length} bytes are more than the {MaxBytes(name)} that it may have");
            }

            using FileStream content = File.OpenRead(PathOf(name));
            if (!Convert.ToHexStringLower(SHA256.HashData(content)).Equals(hash, StringComparison.OrdinalIgnoreCase))
            {
                throw Broken(name, "its SHA-256 is not the one in the manifest");
            }
        }
    }

    public byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>A file of N+1 rows of <paramref name="columns"/> little-endian floats, all finite.</summary>
    public float[] Floats(string name, int columns)
    {
        byte[] bytes = Exactly(name, (long)Rows * columns * sizeof(float));
        var values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        int bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0 ? values : throw Broken(name, $"row {bad / columns} holds a value that is not finite");
    }

    public long[] Counts()
    {
        byte[] bytes = Exactly(BundleFiles.Counts, (long)Rows * sizeof(long));
        var counts = new long[Rows];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
        }

        return TensorPrimitives.Min<long>(counts) >= 0
            ? counts
            : throw Broken(BundleFiles.Counts, "a count is negative");
    }

    public TrainedEvents Trained() =>
        TrainedEvents.TryRead(File.ReadAllBytes(PathOf(BundleFiles.Trained)), out TrainedEvents? trained)
            ? trained
            : throw Broken(BundleFiles.Trained, "it is not a limit of 8 bytes and numbers of 4");

    public string[] ItemIds()
    {
        // Before there is memory for as many items as the manifest claims.
        long length = new FileInfo(PathOf(BundleFiles.Items)).Length;
        if (length < LeastLineBytes * manifest.Items - 1)
        {
            throw Broken(
                BundleFiles.Items,
                $"the manifest says {manifest.Items} items, and the file has {length} bytes"
            );
        }

        var ids = new string[Rows];
        ids[0] = "";
        int row = 0;
        foreach (string line in File.ReadLines(PathOf(BundleFiles.Items)))
        {
            if (++row >= ids.Length)
            {
                break;
            }

            ids[row] = ParseId(line, row);
        }

        return row == manifest.Items
            ? ids
            : throw Broken(
                BundleFiles.Items,
                $"the manifest says {manifest.Items} items, and the file has {(row > manifest.Items ? "more" : row)}"
            );
    }

    private string ParseId(string line, int row)
    {
        try
        {
            string? id = JsonSerializer.Deserialize<string>(line);
            if (!string.IsNullOrEmpty(id) && System.Text.Encoding.UTF8.GetByteCount(id) <= MaxIdBytes)
            {
                return id;
            }
        }
        catch (JsonException)
        {
            // Reported below, with the line's number.
        }

        throw Broken(BundleFiles.Items, $"line {row} is not one JSON string of 1 to {MaxIdBytes} bytes");
    }

    private byte[] Exactly(string name, long length)
    {
        long actual = new FileInfo(PathOf(name)).Length;
        return actual == length
            ? File.ReadAllBytes(PathOf(name))
            : throw Broken(
                name,
                $"{actual} bytes, where {manifest.Items} items and dimension {manifest.Dimension} need {length}"
            );
    }

    private void CheckPlace(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', ':') || name == BundleFiles.Manifest)
        {
            throw Broken(
                BundleFiles.Manifest,
                $"\"{Excerpt.Of(name)}\" is not the name of a file in the bundle's directory"
            );
        }

        if (!File.Exists(PathOf(name)))
        {
            throw Broken(name, "it does not exist");
        }

        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + Path.DirectorySeparatorChar;
        string? target = File.ResolveLinkTarget(PathOf(name), returnFinalTarget: true)?.FullName;
        if (target is not null && !target.StartsWith(root, StringComparison.Ordinal))
        {
            throw Broken(name, "it is a link to a place outside the bundle's directory");
        }
    }

    private long MaxBytes(string name) =>
        name switch
        {
            BundleFiles.Vectors => Math.Min(Array.MaxLength, (long)Rows * manifest.Dimension * sizeof(float)),
            BundleFiles.Biases => (long)Rows * sizeof(float),
            BundleFiles.Counts => (long)Rows * sizeof(long),
            BundleFiles.Trained => TrainedEvents.MostBytes,
            BundleFiles.Items => (long)Rows * (6 * MaxIdBytes + 4),
            _ => MaxModelBytes,
        };
}
