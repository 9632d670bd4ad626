using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using StreamRec.Training;
using StreamRec.Training.Data;

namespace StreamRec.Commands;

/// <summary>`streamrec train`: events → bundle.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var events = SharedOptions.Events();
        var bundle = new Option<string>("--bundle") { Description = "Directory to write; must not be there yet.", Required = true };
        var architecture = new Option<string>("--architecture")
        {
            Description = "lstm-attention, lstm-dense (no attention) or conv1d-attention.",
            DefaultValueFactory = _ => ModelOptions.LstmAttention,
        };
        architecture.AcceptOnlyFromAmong(ModelOptions.LstmAttention, ModelOptions.LstmDense, ModelOptions.ConvolutionAttention);
        var dimension = new Option<int>("--dimension") { Description = "D, width of the vectors; 0: from the data." };
        var window = new Option<int>("--window") { Description = "W, window in events; 0: from the data." };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the data; 0: from the data, with early stopping." };
        var minutes = new Option<double?>("--minutes") { Description = "Train for about so long instead." };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same bundle.", DefaultValueFactory = _ => 1 };
        var json = SharedOptions.Json();
        var command = new Command("train", "Train an encoder from events, and write it as a bundle.")
        {
            events, bundle, architecture, dimension, window, epochs, minutes, seed, json,
        };
        command.SetAction((parsed, cancel) => Task.Run(() => Run(
            parsed.GetRequiredValue(events), parsed.GetRequiredValue(bundle),
            new ModelOptions
            {
                Architecture = parsed.GetValue(architecture)!, Dimension = parsed.GetValue(dimension),
                Window = parsed.GetValue(window), Epochs = parsed.GetValue(epochs),
                Minutes = parsed.GetValue(minutes), Seed = parsed.GetValue(seed),
            },
            parsed.GetValue(json), cancel), cancel));
        return command;
    }

    private static int Run(string events, string bundle, ModelOptions options, bool json, CancellationToken cancel)
    {
        if (Directory.Exists(bundle) && Directory.EnumerateFileSystemEntries(bundle).Any())
        {
            throw new StreamRecException($"--bundle '{bundle}' is not empty: a bundle is never changed. Give another directory.", ExitCode.Usage);
        }
        var data = SequenceData.From(new EventFile(events).Events());
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
