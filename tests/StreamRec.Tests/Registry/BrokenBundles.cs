using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamRec.Models;
using StreamRec.Training.Export;

namespace StreamRec.Tests.Registry;

/// <summary>What can be wrong with a bundle, each by its name, and what the refusal must say.</summary>
internal static class BrokenBundles
{
    private static readonly Dictionary<string, (Action<string> Break, string Says)> s_all = new()
    {
        ["another byte"] = (at => Change(at, BundleFiles.Vectors, bytes => bytes[^1] ^= 1, hash: false), "SHA-256"),
        ["a file cut"] = (
            at => Put(at, BundleFiles.Vectors, File.ReadAllBytes(Path.Combine(at, BundleFiles.Vectors))[..^4]),
            BundleFiles.Vectors
        ),
        ["a file gone"] = (at => File.Delete(Path.Combine(at, BundleFiles.Encoder)), BundleFiles.Encoder),
        ["no number"] = (
            at => Change(at, BundleFiles.Vectors, bytes => BitConverter.TryWriteBytes(bytes.AsSpan(8), float.NaN)),
            "not finite"
        ),
        ["an id twice"] = (at => Put(at, BundleFiles.Items, "\"a\"\n\"b\"\n\"a\"\n"u8.ToArray()), "twice"),
        ["a newer format"] = (at => Manifest(at, manifest => manifest["format"] = 2), "format 2"),
        ["an unknown input"] = (
            at => Manifest(at, manifest => manifest["inputs"] = new JsonArray("items", "lengths", "devices")),
            "'devices'"
        ),
        ["another width"] = (
            at =>
            {
                Manifest(at, manifest => manifest["dimension"] = 3);
                Put(at, BundleFiles.Vectors, new byte[4 * 3 * 4]);
            },
            BundleFiles.Encoder
        ),
        ["no graph"] = (at => Put(at, BundleFiles.Encoder, "no graph"u8.ToArray()), BundleFiles.Encoder),
        ["an unknown operator"] = (at => Put(at, BundleFiles.Encoder, Graph("Wish", 1f)), BundleFiles.Encoder),
        ["a user that is no number"] = (at => Put(at, BundleFiles.Encoder, Graph("Mul", float.NaN)), "finite"),
        ["padding that counts"] = (at => Put(at, BundleFiles.Encoder, Padded()), BundleFiles.Encoder),
        ["data elsewhere"] = (at => Put(at, BundleFiles.Encoder, External()), "other files"),
        ["a window beyond what is kept"] = (at => Manifest(at, manifest => manifest["window"] = 60), "Kept"),
        ["too many items for the memory"] = (
            at => Manifest(at, manifest => (manifest["items"], manifest["dimension"]) = (50_000_000, 4096)),
            "MiB"
        ),
        ["another probe"] = (
            at =>
            {
                var probe = JsonNode.Parse(File.ReadAllBytes(Path.Combine(at, BundleFiles.Probe)))!;
                probe["sequences"]![0]!["user"]![0] = 77;
                File.WriteAllText(Path.Combine(at, BundleFiles.Probe), probe.ToJsonString());
            },
            BundleFiles.Probe
        ),
    };

    public static IEnumerable<string> All => s_all.Keys;

    /// <summary>Breaks the bundle that lies there, with its probe beside it.</summary>
    /// <returns>What whoever refuses it says.</returns>
    public static string Break(string kind, string directory)
    {
        s_all[kind].Break(directory);
        return s_all[kind].Says;
    }

    private static void Manifest(string directory, Action<JsonNode> change)
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        var manifest = JsonNode.Parse(File.ReadAllBytes(path))!;
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static void Change(string directory, string file, Action<byte[]> change, bool hash = true)
    {
        var bytes = File.ReadAllBytes(Path.Combine(directory, file));
        change(bytes);
        if (hash)
        {
            Put(directory, file, bytes);
        }
        else
        {
            File.WriteAllBytes(Path.Combine(directory, file), bytes);
        }
    }

    // As somebody would write it who does not know what is wrong with it.
    private static void Put(string directory, string file, byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(directory, file), bytes);
        Manifest(directory, manifest => manifest["files"]![file] = Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static byte[] Graph(string last, float factor)
    {
        var graph = Begin();
        graph.Constant("factor", [factor], 1);
        graph.Node("ReduceSum", "sum", ["x", "axis"], ("keepdims", 0));
        graph.Node(last, "user", ["sum", "factor"]);
        return graph.ToBytes();
    }

    private static byte[] Padded()
    {
        var graph = Begin();
        graph.Constant("ones", [1f, 1f], 2);
        graph.Node("Add", "y", ["x", "ones"]);
        graph.Node("ReduceSum", "user", ["y", "axis"], ("keepdims", 0));
        return graph.ToBytes();
    }

    // A further tensor of the graph, which says that its data lie in another file.
    private static byte[] External() => [.. Graph("Mul", 1), 0x3A, 4, 0x2A, 2, 0x70, 1];

    private static OnnxGraph Begin()
    {
        var graph = new OnnxGraph("broken");
        graph.Input("items", OnnxFields.DataType.Int64, "b", "l");
        graph.Input("lengths", OnnxFields.DataType.Int64, "b");
        graph.Output("user", OnnxFields.DataType.Float, "b", 2);
        graph.Constant("table", [0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f], 4, 2);
        graph.Constant("axis", [1L], 1);
        graph.Node("Gather", "x", ["table", "items"]);
        return graph;
    }
}
