using System.CommandLine;
using StreamRec.Training.Data;
using StreamRec.Training.Sweeps;

namespace StreamRec.Commands;

/// <summary>`streamrec sweep`: many trainings → a table, learning curves, and the best configuration by validation.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var events = SharedOptions.Events();
        var split = SharedOptions.Split();
        var plan = new Option<string>("--plan")
        {
            Description = "JSON: {\"base\": {options}, \"try\": {\"dimension\": [64, 128], …}}; options as in `train --config`.", Required = true,
        };
        var output = new Option<string>("--output") { Description = "Directory of results; a sweep that was stopped goes on there.", Required = true };
        var random = new Option<int?>("--random") { Description = "Try so many combinations, drawn by --seed, instead of all." };
        var ablation = new Option<bool>("--one-at-a-time") { Description = "Try the base and each value alone: an ablation table." };
        var seed = new Option<int>("--seed") { Description = "For --random.", DefaultValueFactory = _ => 1 };
        var types = SharedOptions.Types("Default all; give `work` and `train` the same.");
        var command = new Command("sweep", "Train many configurations, and find the best by validation.")
        {
            events, split, types, plan, output, random, ablation, seed,
        };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var read = SweepPlan.Read(parsed.GetRequiredValue(plan));
            var data = TrainingData.Read(
                new EventFile(parsed.GetRequiredValue(events)), parsed.GetRequiredValue(split), null,
                parsed.GetValue(types), cancel);
            var trials = parsed.GetValue(ablation) ? read.OneAtATime()
                : parsed.GetValue(random) is { } count ? read.Draw(count, parsed.GetValue(seed)) : read.Grid();
            var directory = parsed.GetRequiredValue(output);
            new Sweep(directory, read, data).Run(
                trials,
                (trial, p) => Console.Error.WriteLine(
                    $"{trial.ToJsonString()}  epoch {p.Epoch}/{p.Epochs}  loss {p.Loss:F4}  validation NDCG@10 {p.Ndcg10:F4}"),
                cancel);
            Console.Write(File.ReadAllText(Path.Combine(directory, "results.md")));
            return (int)ExitCode.Success;
        }, cancel));
        return command;
    }
}
