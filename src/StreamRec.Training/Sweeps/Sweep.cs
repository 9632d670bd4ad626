using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using StreamRec.Training.Data;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Sweeps;

/// <summary>One trained trial: its values, what it reached on validation, and how it got there.</summary>
public sealed record SweepTrial(
    [property: JsonPropertyName("configuration")] JsonObject Configuration,
    [property: JsonPropertyName("trial")] JsonObject Trial,
    [property: JsonPropertyName("ndcg@10")] double Ndcg10,
    [property: JsonPropertyName("hr@10")] double HitRate10,
    [property: JsonPropertyName("best_epoch")] int BestEpoch,
    [property: JsonPropertyName("seconds")] double Seconds,
    [property: JsonPropertyName("curve")] IReadOnlyList<SweepPoint> Curve
)
{
    /// <summary>The values by name, for people: <c>dimension 64, attention dot</c>.</summary>
    public string Label() =>
        Trial.Count == 0
            ? "base"
            : string.Join(", ", Trial.Select(pair => $"{pair.Key} {pair.Value?.ToString() ?? "null"}"));
}

/// <summary>A trial after an epoch.</summary>
public sealed record SweepPoint(
    [property: JsonPropertyName("epoch")] int Epoch,
    [property: JsonPropertyName("loss")] double Loss,
    [property: JsonPropertyName("ndcg@10")] double Ndcg10
);

/// <summary>
/// Trains trial after trial and writes each to <c>trials.jsonl</c> as soon as it is done, so that a sweep that was
/// stopped goes on with the trial, and the epoch, that it stood at. Then: <c>results.md</c>, <c>curves.svg</c>,
/// <c>best.json</c>.
/// </summary>
public sealed class Sweep(string directory, SweepPlan plan, SequenceData data)
{
    private string TrialsPath => Path.Combine(directory, "trials.jsonl");

    /// <returns>The trials asked for, the best by validation NDCG@10 first.</returns>
    public IReadOnlyList<SweepTrial> Run(
        IEnumerable<JsonObject> trials,
        Action<JsonObject, TrainingProgress>? progress = null,
        CancellationToken cancel = default
    )
    {
        // Before the first of them takes its hours.
        JsonObject[] all = [.. trials];
        Array.ForEach(all, trial => plan.Options(trial).Check());
        Directory.CreateDirectory(directory);
        EndLine(TrialsPath);
        var done = Done();
        var results = new List<SweepTrial>();
        foreach (var trial in all)
        {
            var configuration = plan.Configuration(trial);
            if (!done.TryGetValue(configuration.ToJsonString(), out var result))
            {
                result = Train(trial, configuration, progress, cancel);
                File.AppendAllText(TrialsPath, JsonSerializer.Serialize(result) + "\n");
            }
            results.Add(result with { Trial = trial });
        }
        results.Sort((x, y) => y.Ndcg10.CompareTo(x.Ndcg10));
        File.WriteAllText(Path.Combine(directory, "results.md"), SweepReport.Table(results));
        File.WriteAllText(Path.Combine(directory, "curves.svg"), SweepReport.Curves(results));
        File.WriteAllText(
            Path.Combine(directory, "best.json"),
            results[0].Configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"
        );
        return results;
    }

    private SweepTrial Train(
        JsonObject trial,
        JsonObject configuration,
        Action<JsonObject, TrainingProgress>? progress,
        CancellationToken cancel
    )
    {
        var options = plan.Options(trial);
        var kept = data.WithMinimumCounts(options.MinItemEvents, options.MinUserEvents);
        if (!Trainer.CanValidate(kept, options))
        {
            throw new StreamRecException(
                "A sweep chooses by validation, and there is nobody to validate on: "
                    + "it takes users of three events or more, and validation_users above 0.",
                FaultKind.Input
            );
        }
        var name = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(
                System.Text.Encoding.UTF8.GetBytes(configuration.ToJsonString())
            )
        )[..12];
        var curve = new Curve(Path.Combine(directory, $"{name}.curve.jsonl"), point => progress?.Invoke(trial, point));
        var model = Trainer.Train(kept, options, curve, cancel, Path.Combine(directory, $"{name}.checkpoint"));
        model.DeleteCheckpoint();
        var report = model.Report;
        return new SweepTrial(
            configuration,
            trial,
            report.Model.Ndcg10,
            report.Model.HitRate10,
            report.BestEpoch,
            report.Elapsed.TotalSeconds,
            curve.Take()
        );
    }

    /// <summary>What was cut off amid a line keeps its line to itself.</summary>
    private static void EndLine(string path)
    {
        if (File.Exists(path) && File.ReadAllBytes(path) is [.., not (byte)'\n'])
        {
            File.AppendAllText(path, "\n");
        }
    }

    private Dictionary<string, SweepTrial> Done()
    {
        var done = new Dictionary<string, SweepTrial>();
        foreach (var line in File.Exists(TrialsPath) ? File.ReadLines(TrialsPath) : [])
        {
            try
            {
                var trial = JsonSerializer.Deserialize<SweepTrial>(line)!;
                done[trial.Configuration.ToJsonString()] = trial;
            }
            catch (JsonException)
            {
                // The last line of a sweep that was killed while it wrote: that trial is trained again.
            }
        }
        return done;
    }

    /// <summary>Points on disk, beside the checkpoint, until the trial is done.</summary>
    private sealed class Curve(string path, Action<TrainingProgress> show) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (double.IsNaN(value.Ndcg10))
            {
                throw new StreamRecException(
                    "No user has the two events that validation needs, and a sweep compares by validation: "
                        + "give more data.",
                    FaultKind.Input
                );
            }
            File.AppendAllText(
                path,
                JsonSerializer.Serialize(new SweepPoint(value.Epoch, value.Loss, value.Ndcg10)) + "\n"
            );
            show(value);
        }

        public IReadOnlyList<SweepPoint> Take()
        {
            SweepPoint[] points =
            [
                .. File.ReadLines(path)
                    .Select(line => JsonSerializer.Deserialize<SweepPoint>(line)!)
                    .GroupBy(point => point.Epoch)
                    .Select(same => same.Last())
                    .OrderBy(point => point.Epoch),
            ];
            File.Delete(path);
            return points;
        }
    }
}
