using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Json;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Training.Runs;

namespace StreamRec.Benchmarks;

/// <summary>
/// `-- top-n [--json]`: exact top-100 of one thread, D = 64, 50 items left out, beside a plain scan
/// (TensorPrimitives.Dot over all items, one comparison each) in the same run and, by `--faiss PYTHON`, FAISS' flat
/// index, which leaves no item out. Times are CPU time of one thread: other processes do not count. One row for each
/// count of items, batch and kind of vectors: random ones, trained ones, and trained ones laid out for users of the
/// kind, as a worker does it, though not for those that are searched for; these also with a block of items that were
/// added, of trained vectors made shorter.
/// </summary>
internal static class TopNTable
{
    private const int Dimension = 64,
        Wanted = 100,
        Seen = 50,
        Added = 1_536,
        Users = 512;
    private static readonly int[] s_batches = [1, 8, 64, 256];
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(1);

    /// <param name="python">A Python that has faiss and numpy; null: FAISS is not run.</param>
    public static void Run(bool json, int[] sizes, string? python)
    {
        foreach (var items in sizes)
        {
            foreach (var kind in (string[])["random", "trained"])
            {
                var model =
                    kind == "random"
                        ? MeasuringModel.Random(items, Dimension, 50, Users, 1)
                        : MeasuringModel.Trained(items, Dimension, 50, 2 * Users, 1);
                var biases = kind == "random" ? null : model.Biases;
                var (users, others) = (model.Users[..(Users * Dimension)], model.Users[(Users * Dimension)..]);
                using var index = ItemIndex.Build(model.Vectors, Dimension, biases);
                var scan = Scan(model.Vectors, users);
                var faiss = python is null ? null : FaissPeer.Run(python, index, model.Vectors, users, s_batches);
                Print(json, index, kind, users, scan, faiss);
                if (others.Length > 0)
                {
                    using var laidOut = ItemIndex.Build(model.Vectors, Dimension, biases, others);
                    Print(json, laidOut, "trained, users known", users, scan, faiss);
                    Print(json, laidOut, "trained, and added", users, scan, faiss, Tail(items, model.Vectors));
                }
            }
        }
    }

    private static void Print(
        bool json,
        ItemIndex index,
        string kind,
        float[] users,
        double scan,
        IReadOnlyDictionary<int, (double Own, double Blas)>? faiss,
        AddedItems.Listed? added = null
    )
    {
        foreach (var batch in s_batches)
        {
            var (median, mean) = Search(index, users, batch, added);
            Print(
                json,
                new Row(
                    index.Count,
                    batch,
                    kind,
                    median,
                    mean,
                    scan,
                    Math.Round(scan / median, 1),
                    faiss?[batch].Own,
                    Times(faiss?[batch].Own, median),
                    faiss?[batch].Blas,
                    Times(faiss?[batch].Blas, median),
                    InstructionSets.Best.ToString()
                )
            );
        }
    }

    private static double? Times(double? peer, double ours) => peer is null ? null : Math.Round(peer.Value / ours, 1);

    private static (double Median, double Mean) Search(
        ItemIndex index,
        float[] users,
        int batch,
        AddedItems.Listed? added
    )
    {
        var search = new TopN(index);
        var random = new Random(2);
        var (items, scores) = (new int[Wanted], new float[Wanted]);
        var seen = Enumerable.Range(0, Seen).Select(_ => random.Next(1, index.Count + 1)).ToArray();
        var times = new List<double>();
        var (all, warm) = (Stopwatch.StartNew(), 0);
        for (var next = 0; all.Elapsed < s_measured || times.Count < 20; next = (next + batch) % Users)
        {
            var one = ThreadTime.Nanoseconds;
            var lists = search.Begin(batch, null, added);
            for (var u = 0; u < batch; u++)
            {
                lists.Add(users.AsSpan((next + u) % Users * Dimension, Dimension), seen);
            }
            lists.Search(Wanted);
            for (var u = 0; u < batch; u++)
            {
                lists.Write(u, items, scores);
            }
            if (++warm > 10)
            {
                times.Add((ThreadTime.Nanoseconds - one) / 1e3 / batch);
            }
        }
        times.Sort();
        return (Math.Round(times[times.Count / 2], 2), Math.Round(times.Average(), 2));
    }

    // As vectors that are made of what is said of items: about half as long as those that are trained.
    private static AddedItems.Listed Tail(int items, float[] vectors)
    {
        float[] shorter = [.. vectors.AsSpan(0, (Added + 1) * Dimension)];
        TensorPrimitives.Multiply(shorter, 0.5f, shorter);
        int[] numbers = [.. Enumerable.Range(items + 1, Added)];
        var tail = new AddedItems.Layout(ItemIndex.BuildWhole(shorter, Dimension, new float[Added + 1]), numbers);
        return new AddedItems(items, numbers, [tail]).With([
            [],
        ]);
    }

    // What a careful first version does: all scores, then one pass with the N-th best so far as the bound.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Scan(float[] vectors, float[] users)
    {
        var items = vectors.Length / Dimension - 1;
        var scores = new float[items + 1];
        var times = new List<double>();
        var best = new PriorityQueue<int, float>(Wanted + 1);
        for (var u = 0; u < 40; u++)
        {
            var start = ThreadTime.Nanoseconds;
            var user = users.AsSpan(u * Dimension, Dimension);
            for (var i = 1; i <= items; i++)
            {
                scores[i] = TensorPrimitives.Dot(user, vectors.AsSpan(i * Dimension, Dimension));
            }
            best.Clear();
            var least = float.NegativeInfinity;
            for (var i = 1; i <= items; i++)
            {
                if (scores[i] <= least)
                {
                    continue;
                }
                best.Enqueue(i, scores[i]);
                if (best.Count > Wanted)
                {
                    best.Dequeue();
                    best.TryPeek(out _, out least);
                }
            }
            times.Add((ThreadTime.Nanoseconds - start) / 1e3);
        }
        times.Sort();
        return Math.Round(times[times.Count / 2], 1);
    }

    private static void Print(bool json, Row row) =>
        Console.WriteLine(
            json
                ? JsonSerializer.Serialize(row, s_json)
                : $"{row.Items} items  batch {row.Batch}  {row.Vectors.PadRight(20)}  "
                    + $"{Wide(row.UsPerQuery, 8)} µs median  "
                    + $"{Wide(row.MeanUs, 8)} mean  scan {Wide(row.ScanUs, 9)} ({row.Ratio}×)"
                    + (
                        row.FaissUs is null
                            ? ""
                            : $"  FAISS {Wide(row.FaissUs.Value, 9)} ({row.FaissRatio}×), "
                                + $"by BLAS {Wide(row.FaissBlasUs ?? 0, 9)} ({row.FaissBlasRatio}×)"
                    )
        );

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static string Wide(double value, int width) =>
        value.ToString("F1", CultureInfo.InvariantCulture).PadLeft(width);

    private sealed record Row(
        int Items,
        int Batch,
        string Vectors,
        double UsPerQuery,
        double MeanUs,
        double ScanUs,
        double Ratio,
        double? FaissUs,
        double? FaissRatio,
        double? FaissBlasUs,
        double? FaissBlasRatio,
        string Path
    );
}
