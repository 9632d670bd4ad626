using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace StreamRec.Testing.Oracles;

/// <summary>
/// What a user's list must be: the bundle's graph run by ONNX Runtime alone, every item scored in double precision.
/// Shares no code with the worker.
/// </summary>
internal sealed class ReferenceLists : IDisposable
{
    /// <summary>Scores may differ by rounding so much, and items closer than that may change places.</summary>
    public const double Tolerance = 1e-4;

    private const int Batch = 128;

    private readonly InferenceSession _session;
    private readonly Dictionary<string, int> _index;
    private readonly float[] _vectors;
    private readonly float[] _biases;

    public ReferenceLists(string bundle)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(bundle, "manifest.json")));
        (Dimension, Window) = (
            manifest.RootElement.GetProperty("dimension").GetInt32(),
            manifest.RootElement.GetProperty("window").GetInt32()
        );
        ItemIds =
        [
            "",
            .. File.ReadLines(Path.Combine(bundle, "items.jsonl"))
                .Select(line => JsonSerializer.Deserialize<string>(line)!),
        ];
        _index = ItemIds.Select((id, i) => (id, i)).ToDictionary(p => p.id, p => p.i, StringComparer.Ordinal);
        _vectors = Floats(Path.Combine(bundle, "vectors.f32"));
        _biases = File.Exists(Path.Combine(bundle, "biases.f32"))
            ? Floats(Path.Combine(bundle, "biases.f32"))
            : new float[ItemIds.Count];
        _session = new InferenceSession(
            Path.Combine(bundle, "encoder.onnx"),
            new SessionOptions { IntraOpNumThreads = 1 }
        );
    }

    public int Dimension { get; }

    public int Window { get; }

    public IReadOnlyList<string> ItemIds { get; }

    public int IndexOf(string item) => _index.GetValueOrDefault(item);

    /// <summary>
    /// What the model reads of a user: from event W·max(0, ⌊n/W⌋−1) on, of n accepted; unknown items left out.
    /// </summary>
    public int[] Input(FoldedUser user)
    {
        var start = (long)Window * Math.Max(0, user.Accepted / Window - 1);
        var first = (int)Math.Clamp(user.Events.Count - (user.Accepted - start), 0, user.Events.Count);
        return [.. user.Events.Skip(first).Select(e => IndexOf(e.ItemId)).Where(i => i > 0)];
    }

    /// <summary>Scores of all items, [N+1], for each input; null for an empty one.</summary>
    public double[]?[] Scores(IReadOnlyList<int[]> inputs)
    {
        var scores = new double[]?[inputs.Count];
        foreach (
            var sameLength in Enumerable
                .Range(0, inputs.Count)
                .Where(i => inputs[i].Length > 0)
                .GroupBy(i => inputs[i].Length)
        )
        {
            foreach (var batch in sameLength.Chunk(Batch))
            {
                var users = Encode([.. batch.Select(i => inputs[i])], sameLength.Key);
                for (var row = 0; row < batch.Length; row++)
                {
                    scores[batch[row]] = Score(users.AsSpan(row * Dimension, Dimension));
                }
            }
        }
        return scores;
    }

    /// <summary>What is wrong with a list; null if nothing is.</summary>
    public string? Check(
        IReadOnlyList<string> items,
        IReadOnlyList<double> scores,
        double[] expected,
        IReadOnlySet<int> excluded,
        int size
    )
    {
        var eligible = ItemIds.Count - 1 - excluded.Count(i => i > 0);
        if (items.Count != Math.Min(size, eligible) || scores.Count != items.Count)
        {
            return $"it has {items.Count} items";
        }
        HashSet<int> listed = [];
        for (var i = 0; i < items.Count; i++)
        {
            var item = IndexOf(items[i]);
            if (item == 0 || excluded.Contains(item) || !listed.Add(item))
            {
                return $"{items[i]} must not stand in it";
            }
            if (Math.Abs(scores[i] - expected[item]) > Tolerance)
            {
                return $"the score of {items[i]} is {scores[i]}, not {expected[item]}";
            }
            if (i > 0 && expected[item] > expected[IndexOf(items[i - 1])] + Tolerance)
            {
                return $"{items[i]} stands too low";
            }
        }
        var least = listed.Min(i => expected[i]);
        for (var item = 1; item < expected.Length; item++)
        {
            if (!listed.Contains(item) && !excluded.Contains(item) && expected[item] > least + Tolerance)
            {
                return $"{ItemIds[item]} is missing";
            }
        }
        return null;
    }

    public void Dispose() => _session.Dispose();

    private float[] Encode(int[][] inputs, int length)
    {
        var byRow = _session.InputMetadata.ContainsKey("vectors");
        using var events = byRow
            ? OrtValue.CreateTensorValueFromMemory(
                inputs
                    .SelectMany(input => input)
                    .SelectMany(item => _vectors[(item * Dimension)..((item + 1) * Dimension)])
                    .ToArray(),
                [inputs.Length, length, Dimension]
            )
            : OrtValue.CreateTensorValueFromMemory(
                inputs.SelectMany(input => input.Select(item => (long)item)).ToArray(),
                [inputs.Length, length]
            );
        using var lengths = OrtValue.CreateTensorValueFromMemory(
            Enumerable.Repeat((long)length, inputs.Length).ToArray(),
            [inputs.Length]
        );
        using var options = new RunOptions();
        using var results = _session.Run(
            options,
            [byRow ? "vectors" : "items", "lengths"],
            [events, lengths],
            ["user"]
        );
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private double[] Score(ReadOnlySpan<float> user)
    {
        var scores = new double[ItemIds.Count];
        for (var item = 1; item < scores.Length; item++)
        {
            double sum = _biases[item];
            for (var d = 0; d < Dimension; d++)
            {
                sum += (double)user[d] * _vectors[item * Dimension + d];
            }
            scores[item] = sum;
        }
        return scores;
    }

    private static float[] Floats(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var floats = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, floats, 0, bytes.Length);
        return floats;
    }
}
