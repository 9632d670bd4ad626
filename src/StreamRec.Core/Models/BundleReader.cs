using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using StreamRec.Events;
using StreamRec.Models.Towers;
using StreamRec.Reranking;

namespace StreamRec.Models;

/// <summary>Reads and checks the files that a manifest names.</summary>
internal sealed class BundleReader(string directory, BundleManifest manifest)
{
    internal const int MaxManifestBytes = 1 << 20;
    private static readonly long s_maxModelBytes = Array.MaxLength;
    private const int MaxIdBytes = 128;

    /// <summary>Quotes or brackets and the line's end; the last line may lack it.</summary>
    private const long LeastLineBytes = 3;

    // Hashed as they are read, right after.
    private static readonly string[] s_readNow =
    [
        BundleFiles.Vectors,
        BundleFiles.Items,
        BundleFiles.Biases,
        BundleFiles.Counts,
        BundleFiles.Popularity,
        BundleFiles.Categories,
        BundleFiles.Segments,
        BundleFiles.Trained,
        BundleFiles.Tower,
        BundleFiles.TowerRows,
    ];

    private int Rows => manifest.Items + 1;

    public bool Has(string name) => manifest.Files.ContainsKey(name);

    public string PathOf(string name) => Path.Combine(Path.GetFullPath(directory), name);

    public StreamRecException Broken(string name, string what) =>
        new($"{Path.Combine(directory, name)}: {what}. Copy the bundle again, or train it anew.", FaultKind.Input);

    /// <summary>
    /// Every named file lies in the directory and is no larger than it can be, and those that are read later or by no
    /// one have their SHA-256.
    /// </summary>
    public void VerifyAll()
    {
        foreach (var required in (string[])[BundleFiles.Encoder, BundleFiles.Vectors, BundleFiles.Items])
        {
            if (!Has(required))
            {
                throw Broken(BundleFiles.Manifest, $"it does not name {required}");
            }
        }
        foreach (var name in manifest.Files.Keys)
        {
            CheckPlace(name);
            using FileStream file = Open(name);
            if (!s_readNow.Contains(name))
            {
                Require(name, SHA256.HashData(file));
            }
        }
    }

    /// <summary>A file's bytes, which are those of its SHA-256 whatever has become of the file since.</summary>
    public byte[] Bytes(string name)
    {
        using FileStream file = Open(name);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        Require(name, SHA256.HashData(bytes));
        return bytes;
    }

    /// <summary>A file of N+1 rows of <paramref name="columns"/> little-endian floats, all finite.</summary>
    public float[] Floats(string name, int columns)
    {
        var values = Numbers<float>(name, columns);
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0 ? values : throw Broken(name, $"row {bad / columns} holds a value that is not finite");
    }

    public long[] Counts()
    {
        var counts = Numbers<long>(BundleFiles.Counts, 1);
        return TensorPrimitives.Min<long>(counts) >= 0
            ? counts
            : throw Broken(BundleFiles.Counts, "a count is negative");
    }

    public float[] Popularity()
    {
        var popularity = Floats(BundleFiles.Popularity, 1);
        return TensorPrimitives.Min<float>(popularity) < 0
                ? throw Broken(BundleFiles.Popularity, "a number is negative")
            : popularity[0] != 0 ? throw Broken(BundleFiles.Popularity, "the first number, of no item, is not 0")
            : popularity;
    }

    public TrainedEvents Trained() =>
        TrainedEvents.TryRead(Bytes(BundleFiles.Trained), out TrainedEvents? trained)
            ? trained
            : throw Broken(BundleFiles.Trained, "it is not a limit of 8 bytes and numbers of 4");

    public string[] ItemIds() => Lines(BundleFiles.Items, "", IdFault);

    public ItemCategories Categories() =>
        new(Lines(BundleFiles.Categories, Array.Empty<string>(), ItemCategories.Fault));

    public IReadOnlyList<SegmentItems> Segments()
    {
        try
        {
            return SegmentLines.Read(Bytes(BundleFiles.Segments), manifest.Items);
        }
        catch (InvalidDataException fault)
        {
            throw Broken(BundleFiles.Segments, fault.Message);
        }
    }

    /// <summary>Whether there is a tower; one of its two files alone is none.</summary>
    public bool HasTower() =>
        (Has(BundleFiles.Tower), Has(BundleFiles.TowerRows)) switch
        {
            (true, true) => true,
            (false, false) => false,
            var (hasManifest, _) => throw Broken(
                BundleFiles.Manifest,
                $"it names {(hasManifest ? BundleFiles.Tower : BundleFiles.TowerRows)}, and not "
                    + (hasManifest ? BundleFiles.TowerRows : BundleFiles.Tower)
            ),
        };

    public TowerRows Tower()
    {
        TowerManifest? tower;
        try
        {
            tower = JsonSerializer.Deserialize<TowerManifest>(Bytes(BundleFiles.Tower));
        }
        catch (JsonException fault)
        {
            throw Broken(BundleFiles.Tower, $"it does not describe a tower: {fault.Message.TrimEnd('.')}");
        }
        if ((tower is null ? "it is null" : tower.Fault()) is { } wrong)
        {
            throw Broken(BundleFiles.Tower, wrong);
        }
        var rows = tower!.Features.Count + 1L;
        var numbers = new LittleEndian(Bytes(BundleFiles.TowerRows));
        var wide = manifest.Dimension + 1;
        if (!numbers.TryFloats(rows * wide, out var values) || !numbers.Left.IsEmpty)
        {
            throw Broken(
                BundleFiles.TowerRows,
                $"{rows - 1} features and dimension {manifest.Dimension} need {rows * wide * sizeof(float)} bytes, "
                    + "and it has others"
            );
        }
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0
            ? new TowerRows(tower, values)
            : throw Broken(BundleFiles.TowerRows, $"row {bad / wide} holds a value that is not finite");
    }

    private static string? IdFault(string id) =>
        id.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(id) > MaxIdBytes
            ? $"it is not one JSON string of 1 to {MaxIdBytes} bytes"
            : null;

    // A line of JSON for each item, behind what stands at 0.
    private T[] Lines<T>(string name, T padding, Func<T, string?> faultOf)
        where T : class
    {
        var bytes = Bytes(name);
        // Before there is memory for as many items as the manifest claims.
        if (bytes.Length < LeastLineBytes * manifest.Items - 1)
        {
            throw Broken(name, $"the manifest says {manifest.Items} items, and the file has {bytes.Length} bytes");
        }
        var rows = new T[Rows];
        rows[0] = padding;
        var row = 0;
        using var lines = new StreamReader(new MemoryStream(bytes));
        while (lines.ReadLine() is { } line)
        {
            if (++row >= rows.Length)
            {
                break;
            }
            rows[row] = Parse(name, line, row, faultOf);
        }
        return row == manifest.Items
            ? rows
            : throw Broken(
                name,
                $"the manifest says {manifest.Items} items, and the file has {(row > manifest.Items ? "more" : row)}"
            );
    }

    private T Parse<T>(string name, string line, int row, Func<T, string?> faultOf)
        where T : class
    {
        string? fault = null;
        try
        {
            if (JsonSerializer.Deserialize<T>(line) is { } value && (fault = faultOf(value)) is null)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Reported below, with the line's number.
        }
        fault ??= typeof(T).IsArray ? "it is not one JSON array of strings" : "it is not one JSON string";
        throw Broken(name, $"line {row}: {fault}");
    }

    // Read into their own memory: the vectors of a large catalogue are not there twice.
    private T[] Numbers<T>(string name, int columns)
        where T : unmanaged
    {
        using FileStream file = Open(name);
        var length = (long)Rows * columns * Unsafe.SizeOf<T>();
        if (file.Length != length)
        {
            Require(name, SHA256.HashData(file));
            throw Broken(
                name,
                $"{file.Length} bytes, where {manifest.Items} items and dimension {manifest.Dimension} need {length}"
            );
        }
        var values = new T[Rows * columns];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        file.ReadExactly(bytes);
        Require(name, SHA256.HashData(bytes));
        if (!BitConverter.IsLittleEndian)
        {
            for (var at = 0; at < bytes.Length; at += Unsafe.SizeOf<T>())
            {
                bytes.Slice(at, Unsafe.SizeOf<T>()).Reverse();
            }
        }
        return values;
    }

    private FileStream Open(string name)
    {
        FileStream file = File.OpenRead(PathOf(name));
        if (file.Length <= MaxBytes(name))
        {
            return file;
        }
        using (file)
        {
            throw Broken(name, $"{file.Length} bytes are more than the {MaxBytes(name)} that it may have");
        }
    }

    private void Require(string name, ReadOnlySpan<byte> hash)
    {
        if (!Convert.ToHexStringLower(hash).Equals(manifest.Files[name], StringComparison.OrdinalIgnoreCase))
        {
            throw Broken(name, "its SHA-256 is not the one in the manifest");
        }
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
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + Path.DirectorySeparatorChar;
        var target = File.ResolveLinkTarget(PathOf(name), returnFinalTarget: true)?.FullName;
        if (target is not null && !target.StartsWith(root, StringComparison.Ordinal))
        {
            throw Broken(name, "it is a link to a place outside the bundle's directory");
        }
    }

    private long MaxBytes(string name) =>
        name switch
        {
            BundleFiles.Vectors => Math.Min(Array.MaxLength, (long)Rows * manifest.Dimension * sizeof(float)),
            BundleFiles.Biases or BundleFiles.Popularity => (long)Rows * sizeof(float),
            BundleFiles.Counts => (long)Rows * sizeof(long),
            BundleFiles.Trained => TrainedEvents.MostBytes,
            BundleFiles.Tower => TowerManifest.MostBytes,
            BundleFiles.TowerRows => Math.Min(
                Array.MaxLength,
                (TowerManifest.MostFeatures + 1L) * (manifest.Dimension + 1) * sizeof(float)
            ),
            BundleFiles.Probe => ModelProbe.MostBytes,
            BundleFiles.Items => Math.Min(Array.MaxLength, (long)Rows * (6 * MaxIdBytes + 4)),
            _ => s_maxModelBytes,
        };
}
