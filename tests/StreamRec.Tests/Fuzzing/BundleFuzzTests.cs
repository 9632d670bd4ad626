using System.Security.Cryptography;
using System.Text.Json.Nodes;
using StreamRec.Models;
using Xunit.Abstractions;

namespace StreamRec.Tests.Fuzzing;

/// <summary>
/// Bundles from elsewhere: manifests and files changed in every way, hashes mended so that the later checks are
/// reached.
/// </summary>
public sealed class BundleFuzzTests : IDisposable
{
    private const int Bundles = 1_000;

    /// <summary>
    /// Whatever a manifest claims, loading allocates no more: this, and so many times what the files hold.
    /// </summary>
    private const long FixedBytes = 1 << 20,
        BytesPerByte = 64;

    private static readonly string[] s_names =
    [
        "../secret",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        "C:x",
        "manifest.json",
        "encoder.onnx\0",
        "vectors.f32 ",
        "biases.f32",
        new string('x', 300),
        "\ud800",
    ];

    private static readonly JsonNode?[] s_values =
    [
        0,
        -1,
        1,
        2,
        3,
        4_096,
        50_000_000,
        50_000_001,
        int.MaxValue,
        long.MaxValue,
        1e300,
        1.5,
        "1",
        "",
        true,
        null,
        new JsonArray(),
        new JsonObject(),
        new string('m', 65),
    ];

    private static readonly float[] s_floats =
    [
        float.NaN,
        float.PositiveInfinity,
        float.NegativeInfinity,
        float.MaxValue,
        float.Epsilon,
        -0f,
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-fuzz-").FullName;
    private readonly ITestOutputHelper _output;
    private readonly Dictionary<string, byte[]> _valid = [];

    public BundleFuzzTests(ITestOutputHelper output)
    {
        _output = output;
        var model = Path.Combine(_directory, "model");
        BundleWriter.Write(
            model,
            new BundleContents
            {
                Dimension = 2,
                Window = 4,
                ItemIds = ["", "a", "\"ü\"\n"],
                Vectors = new[] { 0f, 0f, 1f, 2f, 3f, 4f },
                Biases = new[] { 0f, .5f, -.5f },
                Counts = new long[] { 0, 7, 9 },
                Encoder = new byte[] { 1, 2, 3 },
                Quality = new Dictionary<string, double> { ["validation.ndcg@10"] = 0.25 },
            }
        );
        foreach (var file in Directory.GetFiles(model))
        {
            _valid[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }
        File.WriteAllText(Path.Combine(_directory, "secret"), "not the bundle's");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Bundles_that_were_tampered_with_are_refused_by_name_or_read_whole()
    {
        var replay =
            Environment.GetEnvironmentVariable("STREAMREC_FUZZ") is { } given
            && given.StartsWith("bundle:", StringComparison.Ordinal)
                ? ulong.Parse(given[7..], null)
                : (ulong?)null;
        var read = 0;
        for (var seed = replay ?? 0; seed < (replay + 1 ?? Bundles); seed++)
        {
            try
            {
                read += Try(seed) ? 1 : 0;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException(
                    $"STREAMREC_FUZZ=bundle:{seed} replays this: {fault.GetType().Name}: {fault.Message}",
                    fault
                );
            }
        }
        _output.WriteLine($"bundle: {Bundles} inputs, {read} of them read");
        Assert.True(replay is not null || read is > 0 and < Bundles / 2);
    }

    private bool Try(ulong seed)
    {
        var random = new FuzzRandom(seed);
        var files = _valid.ToDictionary(file => file.Key, file => file.Value.ToArray());
        for (var changes = 1 + random.Below(2); changes > 0; changes--)
        {
            Change(files, ref random);
        }
        var place = Path.Combine(_directory, "b");
        Directory.CreateDirectory(place);
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(place, name), bytes);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var bundle = Bundle.Load(place);
            Assert.Equal((bundle.Manifest.Items + 1) * bundle.Manifest.Dimension, bundle.Vectors.Length);
            Assert.Equal(bundle.Manifest.Items + 1, bundle.ItemIds.Length);
            Assert.All(bundle.Vectors, value => Assert.True(float.IsFinite(value)));
            return true;
        }
        catch (StreamRecException fault)
        {
            Assert.Equal(FaultKind.Input, fault.Kind);
            Assert.Contains(place, fault.Message);
            Assert.DoesNotContain("not the bundle's", fault.Message);
            return false;
        }
        finally
        {
            var bound = FixedBytes + BytesPerByte * files.Values.Sum(bytes => bytes.Length);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Directory.Delete(place, recursive: true);
            Assert.True(allocated <= bound, $"{allocated} bytes allocated; the bound is {bound}");
        }
    }

    private static void Change(Dictionary<string, byte[]> files, ref FuzzRandom random)
    {
        var names = files.Keys.Order(StringComparer.Ordinal).ToArray();
        var name = names[random.Below(names.Length)];
        switch (random.Below(6))
        {
            case 0:
                files[name] = new FuzzCorpus([files[name]], []).Make(random.Next());
                break;
            case 1 when name != BundleFiles.Manifest:
                files.Remove(name);
                break;
            case 2 when name.EndsWith(".f32", StringComparison.Ordinal) && files[name].Length >= 4:
                BitConverter.TryWriteBytes(
                    files[name].AsSpan(4 * random.Below(files[name].Length / 4)),
                    s_floats[random.Below(s_floats.Length)]
                );
                break;
            default:
                ChangeManifest(files, ref random);
                break;
        }
        if (random.Below(8) > 0)
        {
            MendHashes(files);
        }
    }

    private static void ChangeManifest(Dictionary<string, byte[]> files, ref FuzzRandom random)
    {
        if (Manifest(files) is not { } manifest)
        {
            return;
        }
        if (random.Below(3) == 0 && manifest["files"] is JsonObject named)
        {
            named[s_names[random.Below(s_names.Length)]] = new string('0', random.Below(80));
        }
        else
        {
            var keys = manifest.Select(field => field.Key).ToArray();
            if (keys.Length > 0)
            {
                manifest[keys[random.Below(keys.Length)]] = s_values[random.Below(s_values.Length)]?.DeepClone();
            }
        }
        files[BundleFiles.Manifest] = System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    private static void MendHashes(Dictionary<string, byte[]> files)
    {
        if (Manifest(files) is not { } manifest || manifest["files"] is not JsonObject named)
        {
            return;
        }
        foreach (
            var (name, bytes) in files.Where(file => file.Key != BundleFiles.Manifest && named.ContainsKey(file.Key))
        )
        {
            named[name] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        }
        files[BundleFiles.Manifest] = System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    private static JsonObject? Manifest(Dictionary<string, byte[]> files)
    {
        try
        {
            var manifest = JsonNode.Parse(files[BundleFiles.Manifest]) as JsonObject;
            // The parser is lazy: names that stand twice are found on the first look.
            return manifest?.Count >= 0 && (manifest["files"] as JsonObject)?.Count is null or >= 0 ? manifest : null;
        }
        catch (Exception fault)
            when (fault is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
