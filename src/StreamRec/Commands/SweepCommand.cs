using System.CommandLine;
using System.Text.Json;
using StreamRec.Input;
using StreamRec.Options;
using StreamRec.Terminal;
using StreamRec.Training.Sweeps;

namespace StreamRec.Commands;

/// <summary>
/// `streamrec sweep`: many trainings → a table, learning curves, and the best configuration by validation.
/// </summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var events = SharedOptions.Events();
        var split = SharedOptions.Split();
        var plan = new Option<string>(SharedOptions.PlanName)
        {
            Description = "JSON: {\"base\": {options}, \"try\": {\"dimension\": [64, 128], …}}; the options are below.",
            Required = true,
        };
        var output = new Option<string>("--output")
        {
            Description = "Directory of results; a sweep that was stopped goes on there.",
            Required = true,
        };
        var random = new Option<int?>("--random")
        {
            Description = "Try so many combinations, drawn by --seed, instead of all.",
        };
        var ablation = new Option<bool>("--one-at-a-time")
        {
            Description = "Try the base and each value alone: an ablation table.",
        };
        var seed = new Option<int>("--seed") { Description = "For --random.", DefaultValueFactory = _ => 1 };
        var types = SharedOptions.Types("Default all; give `work` and `train` the same.");
        var json = SharedOptions.Json();
        var command = new Command("sweep", "Train many configurations, and find the best by validation.")
        {
            events,
            split,
            types,
            plan,
            output,
            random,
            ablation,
            seed,
            json,
        };
        command.SetAction(
            (parsed, cancel) =>
                Task.Run(
                    () =>
                    {
                        if (parsed.GetValue(random) is < 1)
                        {
                            throw new StreamRecException(
                                $"--random is {parsed.GetValue(random)}: give 1 or more.",
                                FaultKind.Usage
                            );
                        }
                        var read = SweepPlan.Read(parsed.GetRequiredValue(plan));
                        var directory = parsed.GetRequiredValue(output);
                        OutputPlace.CheckDirectory("--output", directory);
                        var data = TrainingInput.Read(
                            new EventFile(parsed.GetRequiredValue(events)),
                            parsed.GetRequiredValue(split),
                            null,
                            parsed.GetValue(types),
                            cancel
                        );
                        var trials =
                            parsed.GetValue(ablation) ? read.OneAtATime()
                            : parsed.GetValue(random) is { } count ? read.Draw(count, parsed.GetValue(seed))
                            : read.Grid();
                        var results = new Sweep(directory, read, data).Run(
                            trials,
                            (trial, p) =>
                                Console.Error.WriteLine(
                                    $"{trial.ToJsonString()}  epoch {p.Epoch}/{p.Epochs}  loss {p.Loss:F4}  "
                                        + $"validation NDCG@10 {p.Ndcg10:F4}"
                                ),
                            cancel
                        );
                        Console.Write(
                            parsed.GetValue(json)
                                ? JsonSerializer.Serialize(
                                    new
                                    {
                                        output = directory,
                                        trials = results.Count,
                                        best = results[0],
                                    }
                                ) + "\n"
                                : File.ReadAllText(Path.Combine(directory, "results.md"))
                        );
                        return (int)ExitCode.Success;
                    },
                    cancel
                )
        );
        return command;
    }
}
