using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using StreamRec.Evaluation;
using StreamRec.Training;
using StreamRec.Training.Data;

namespace StreamRec.Commands;

/// <summary>`streamrec train`: events → bundle.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var events = new EventSourceOptions();
        var bundle = new Option<string>("--bundle") { Description = "Directory to write; must not be there yet.", Required = true };
        var config = new Option<string?>("--config") { Description = "JSON file of options; the command line wins over it." };
        var architecture = new Option<string?>("--architecture")
        {
            Description = "lstm-attention (default), lstm-dense (no attention) or conv1d-attention.",
        };
        architecture.AcceptOnlyFromAmong(ModelOptions.LstmAttention, ModelOptions.LstmDense, ModelOptions.ConvolutionAttention);
        var dimension = new Option<int?>("--dimension") { Description = "D, width of the vectors; 0: from the data." };
        var window = new Option<int?>("--window") { Description = "W, window in events; 0: from the data." };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the data; 0: from the data, with early stopping." };
        var split = new Option<string>("--split")
        {
            Description = "What is left out of training, for `evaluate`: none, leave-one-out (each user's last event) or time (the newest 20 %).",
            DefaultValueFactory = _ => "none",
        };
        split.AcceptOnlyFromAmong("none", "leave-one-out", "time");
        var minutes = new Option<double?>("--minutes") { Description = "Train for about so long instead." };
        var seed = new Option<int?>("--seed") { Description = "The same seed gives the same bundle; default 1." };
        var json = SharedOptions.Json();
        var command = new Command("train", "Train an encoder from events, and write it as a bundle.")
        {
            bundle, split, config, architecture, dimension, window, epochs, minutes, seed, json,
        };
        events.AddTo(command);
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var read = parsed.GetValue(config) is { } file ? ModelConfig.Read(file) : new ModelOptions();
            var options = read with
            {
                Architecture = parsed.GetValue(architecture) ?? read.Architecture,
                Dimension = parsed.GetValue(dimension) ?? read.Dimension,
                Window = parsed.GetValue(window) ?? read.Window,
                Epochs = parsed.GetValue(epochs) ?? read.Epochs,
                Minutes = parsed.GetValue(minutes) ?? read.Minutes,
                Seed = parsed.GetValue(seed) ?? read.Seed,
            };
            return Run(
                events.Open(parsed), parsed.GetRequiredValue(bundle), parsed.GetRequiredValue(split), options,
                parsed.GetValue(json), cancel);
        }, cancel));
        return command;
    }

    private static int Run(IEventSource events, string bundle, string split, ModelOptions options, bool json, CancellationToken cancel)
    {
        if (Directory.Exists(bundle) && Directory.EnumerateFileSystemEntries(bundle).Any())
        {
            throw new StreamRecException($"--bundle '{bundle}' is not empty: a bundle is never changed. Give another directory.", ExitCode.Usage);
        }
        var all = SequenceData.From(events.Events());
        var data = split switch
        {
            "leave-one-out" => all.WithPrefixes(Splits.LeaveOneOut(all.Sequences).Training),
            "time" => all.WithPrefixes(Splits.ByTime(all.Sequences, all.Times).Training),
            _ => all,
        };
        Console.Error.WriteLine($"{data.Events} events of {data.UserIds.Count} users on {data.Items} items");
        var trained = TrainingProgressBar.Show(progress => Trainer.Train(data, options, progress, cancel));
        var manifest = trained.WriteBundle(bundle);
        var report = trained.Report;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                model_id = manifest.ModelId, bundle, items = manifest.Items, dimension = manifest.Dimension,
                window = manifest.Window, seconds = report.Elapsed.TotalSeconds, steps = report.Steps, quality = manifest.Quality,
            }));
            return (int)ExitCode.Success;
        }
        var table = new Table().AddColumns("validation", "HR@10", "NDCG@10");
        foreach (var (name, quality) in new[] { ("model", report.Model), ("markov", report.Markov), ("popularity", report.Popularity) })
        {
            table.AddRow(name, $"{quality.HitRate10:F4}", $"{quality.Ndcg10:F4}");
        }
        AnsiConsole.Write(table);
        Console.WriteLine($"bundle {bundle}: model {manifest.ModelId}, {report.Elapsed.TotalSeconds:F0} s of training");
        return (int)ExitCode.Success;
    }
}
