using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace StreamRec.Testing;

/// <summary>Other models made of a bundle whose graphs are fed rows, without training one.</summary>
internal static class BundleVariants
{
    /// <summary>Every second item, and a window of half the length.</summary>
    public static string Half(string bundle, string directory) => Write(bundle, directory, "half", 2, window: 2);

    /// <summary>The items' vectors in another order, so that other items are near to each other.</summary>
    public static string Turned(string bundle, string directory) => Write(bundle, directory, "turned", -1, window: 1);

    /// <param name="step">Which rows stay: each so many; −1 turns their order, and leaves the ids in theirs.</param>
    private static string Write(string bundle, string directory, string name, int step, int window)
    {
        var to = Path.Combine(directory, name);
        Directory.CreateDirectory(to);
        var manifest = JsonNode.Parse(File.ReadAllBytes(Path.Combine(bundle, "manifest.json")))!;
        var (items, dimension) = ((int)manifest["items"]!, (int)manifest["dimension"]!);
        int[] rows = [0, .. Enumerable.Range(1, items).Where(item => step < 0 || item % step == 0)];
        var (files, hashes) = (manifest["files"]!.AsObject(), new JsonObject());
        foreach (var file in files.Select(file => file.Key).ToArray())
        {
            var bytes = File.ReadAllBytes(Path.Combine(bundle, file));
            byte[]? made = file switch
            {
                "vectors.f32" => Rows(bytes, step < 0 ? [0, .. rows[1..].Reverse()] : rows, 4 * dimension),
                "biases.f32" or "popular.f32" => Rows(bytes, rows, 4),
                "counts.i64" => Rows(bytes, rows, 8),
                "items.jsonl" => Lines(bytes, rows),
                "encoder.onnx" or "step.onnx" or "trained.u32" => bytes,
                // Of items by their index; what is left out is optional.
                _ => null,
            };
            if (made is not null)
            {
                File.WriteAllBytes(Path.Combine(to, file), made);
                hashes[file] = Convert.ToHexStringLower(SHA256.HashData(made));
            }
        }
        manifest["files"] = hashes;
        manifest["items"] = rows.Length - 1;
        manifest["window"] = (int)manifest["window"]! / window;
        manifest["model_id"] = $"{(string)manifest["model_id"]!}-{name}";
        manifest.AsObject().Remove("reranker");
        File.WriteAllText(Path.Combine(to, "manifest.json"), manifest.ToJsonString());
        return to;
    }

    private static byte[] Rows(byte[] table, int[] rows, int width) =>
        [.. rows.SelectMany(row => table[(row * width)..((row + 1) * width)])];

    private static byte[] Lines(byte[] text, int[] rows)
    {
        var lines = System.Text.Encoding.UTF8.GetString(text).Split('\n');
        return System.Text.Encoding.UTF8.GetBytes(string.Concat(rows.Skip(1).Select(row => $"{lines[row - 1]}\n")));
    }
}
