using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Benchmarks;

/// <summary>
/// FAISS' flat index over the same vectors, in a Python process (faiss_flat.py). A bias is one more dimension.
/// </summary>
internal static class FaissPeer
{
    /// <summary>µs of CPU time a query, by batch: as FAISS does it of itself, and by BLAS.</summary>
    public static IReadOnlyDictionary<int, (double Own, double Blas)> Run(
        string python,
        ItemIndex index,
        float[] vectors,
        float[] users,
        int[] batches
    )
    {
        var folder = Directory.CreateTempSubdirectory("faiss-");
        try
        {
            var (items, queries) = (Path.Combine(folder.FullName, "items"), Path.Combine(folder.FullName, "users"));
            var (d, biases) = (index.Dimension, index.Biases);
            Write(items, vectors.AsSpan(d), d, biases is null ? null : row => biases[index.Positions[row + 1]]);
            Write(queries, users, d, biases is null ? null : _ => 1f);
            var start = new ProcessStartInfo(
                python,
                [
                    Path.Combine(AppContext.BaseDirectory, "faiss_flat.py"),
                    items,
                    queries,
                    (d + (biases is null ? 0 : 1)).ToString(),
                    .. batches.Select(batch => batch.ToString()),
                ]
            )
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            var answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            using var json =
                process.ExitCode == 0
                    ? JsonDocument.Parse(answer)
                    : throw new InvalidOperationException($"faiss_flat.py ended with {process.ExitCode}.");
            return batches.ToDictionary(batch => batch, batch => Times(json.RootElement.GetProperty(batch.ToString())));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (double Own, double Blas) Times(JsonElement two) => (two[0].GetDouble(), two[1].GetDouble());

    private static void Write(string path, ReadOnlySpan<float> rows, int width, Func<int, float>? last)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        for (var row = 0; row * width < rows.Length; row++)
        {
            file.Write(MemoryMarshal.AsBytes(rows.Slice(row * width, width)));
            if (last is not null)
            {
                file.Write(BitConverter.GetBytes(last(row)));
            }
        }
    }
}
