using StackExchange.Redis;
using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Ranking;
using StreamRec.Redis;

namespace StreamRec.Bench;

/// <summary>
/// Lists in Redis beside a fold of the log that shares neither sequence, nor step, nor search with the worker: the
/// whole encoder, double sums over all items, a sort.
/// </summary>
internal static class ListCheck
{
    /// <summary>How far scores may lie apart: encoding by steps rounds otherwise.</summary>
    private const double Tolerance = 1e-4;

    /// <returns>Users whose list differs, and of how many; users without events are left out.</returns>
    public static async Task<(int Wrong, int Of)> RunAsync(
        IDatabase redis,
        StoreKeys keys,
        Bundle bundle,
        BenchEvents events,
        int kept,
        int sample,
        int listSize
    )
    {
        using var encoder = new OnnxUserEncoder(bundle);
        var wrong = 0;
        var users = sample == 0 ? [] : events.Sample(sample);
        foreach (var (user, items) in users)
        {
            byte[]? text = await redis.StringGetAsync(keys.List(user));
            var list = text is null ? [] : PublishedList.Parse(text).Items;
            wrong += Same(bundle, encoder, items, list, kept, listSize) ? 0 : 1;
        }
        return (wrong, users.Count);
    }

    private static bool Same(
        Bundle bundle,
        OnnxUserEncoder encoder,
        List<int> items,
        IReadOnlyList<string> list,
        int kept,
        int listSize
    )
    {
        var (dimension, window) = (bundle.Manifest.Dimension, bundle.Manifest.Window);
        var user = new float[dimension];
        encoder.Encode([items[(int)EncodingWindow.Start(items.Count, window)..].ToArray()], user);
        var seen = Eligibility.Of(bundle.Manifest, kept: kept).ExcludedOnce(items.ToArray());
        var scores = new double[bundle.Manifest.Items + 1];
        for (var item = 1; item < scores.Length; item++)
        {
            double score = bundle.Biases?[item] ?? 0;
            for (var d = 0; d < dimension; d++)
            {
                score += (double)user[d] * bundle.Vectors[item * dimension + d];
            }
            scores[item] = score;
        }
        var expected = Enumerable
            .Range(1, bundle.Manifest.Items)
            .Where(item => !seen.Contains(item))
            .OrderByDescending(item => scores[item])
            .Take(listSize)
            .ToArray();
        // Places may change only where scores are that close.
        return list.Count == expected.Length
            && list.Distinct().Count() == list.Count
            && list.Zip(expected)
                .All(pair =>
                    bundle.IndexOf(pair.First) is > 0 and var found
                    && !seen.Contains(found)
                    && Math.Abs(scores[found] - scores[pair.Second]) <= Tolerance
                );
    }
}
