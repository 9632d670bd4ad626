using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using StreamRec.Catalogue;
using StreamRec.ColdItems;
using StreamRec.Events;
using StreamRec.Input;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Ranking;
using StreamRec.Settings;
using StreamRec.Terminal;
using StreamRec.Training.Data;
using StreamRec.Training.Newcomers;
using StreamRec.Training.Optimizing;
using StreamRec.Training.Options;
using StreamRec.Training.Reranking;
using StreamRec.Training.Runs;
using StreamRec.Training.Segments;
using StreamRec.Training.Towers;

namespace StreamRec.Commands;

/// <summary>`streamrec train`: events → bundle.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var events = new EventSourceOptions();
        var bundle = new Option<string>("--bundle")
        {
            Description = "Directory to write; must not be there yet.",
            Required = true,
        };
        var config = new Option<string?>(SharedOptions.ConfigName)
        {
            Description = "JSON file of the options below; the command line wins over it.",
        };
        var architecture = new Option<string?>("--architecture")
        {
            Description = "lstm-attention (default), lstm-dense (no attention) or conv1d-attention.",
        };
        architecture.AcceptOnlyFromAmong(
            ModelOptions.LstmAttention,
            ModelOptions.LstmDense,
            ModelOptions.ConvolutionAttention
        );
        var dimension = new Option<int?>("--dimension") { Description = "D, width of the vectors; 0: from the data." };
        var window = new Option<int?>("--window") { Description = "W, window in events; 0: from the data." };
        var epochs = new Option<int?>("--epochs")
        {
            Description = "Passes over the data; 0: 8, or as many as 150 steps take, with early stopping.",
        };
        var split = SharedOptions.Split();
        var attention = new Option<string?>("--attention")
        {
            Description =
                "linear (default; serves by one step an event), additive or dot (the last state asks; "
                + "served by a rerun).",
        };
        attention.AcceptOnlyFromAmong(ModelOptions.Linear, ModelOptions.Additive, ModelOptions.Dot);
        var loss = new Option<string?>("--loss")
        {
            Description = "softmax, sampled-softmax, bpr or bce; from the number of items if not given.",
        };
        loss.AcceptOnlyFromAmong(ModelOptions.Softmax, ModelOptions.SampledSoftmax, ModelOptions.Bpr, ModelOptions.Bce);
        var optimizer = new Option<string?>("--optimizer") { Description = "adamw (default), adagrad or sgd." };
        optimizer.AcceptOnlyFromAmong(ModelOptions.AdamW, ModelOptions.Adagrad, ModelOptions.Sgd);
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description =
                "File that holds how training stands after each epoch; after a kill the same command goes on from it.",
        };
        var minutes = new Option<double?>("--minutes") { Description = "Train for about so long instead." };
        var validationUsers = new Option<int?>("--validation-users")
        {
            Description =
                "Users held out for validation at most, each with the last event (default 2000). So many as there "
                + "are: the published protocol, in which no user's last event but one is trained on.",
        };
        var seed = new Option<int?>("--seed")
        {
            Description =
                "The same seed, data and options give the same bundle, on any number of processors with the same "
                + "vector instructions (AVX-512 and AVX2 round otherwise); default 1.",
        };
        var reranker = new Option<bool>("--reranker")
        {
            Description =
                "Also fit a network that re-ranks the best 100 items, on the events that validation holds out "
                + "(validation_users of the configuration file: more are better). The bundle has it if it surely "
                + "gains: by the lower end of a paired 95 % interval.",
        };
        var popular = new Option<string>(PopularHalfLife.Name)
        {
            Description = PopularHalfLife.About,
            DefaultValueFactory = _ => PopularHalfLife.Auto,
        };
        var items = SharedOptions.Items();
        var types = SharedOptions.Types("Default all; give `work` the same.");
        var json = SharedOptions.Json();
        var command = new Command("train", "Train an encoder from events, and write it as a bundle.")
        {
            bundle,
            split,
            types,
            items,
            config,
            architecture,
            attention,
            loss,
            optimizer,
            dimension,
            window,
            epochs,
            minutes,
            validationUsers,
            seed,
            checkpoint,
            reranker,
            popular,
            json,
        };
        events.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Task.Run(
                    () =>
                    {
                        var read = parsed.GetValue(config) is { } file ? ModelConfig.Read(file) : new ModelOptions();
                        var options = read with
                        {
                            Architecture = parsed.GetValue(architecture) ?? read.Architecture,
                            Attention = parsed.GetValue(attention) ?? read.Attention,
                            Loss = parsed.GetValue(loss) ?? read.Loss,
                            Optimizer = parsed.GetValue(optimizer) ?? read.Optimizer,
                            Dimension = parsed.GetValue(dimension) ?? read.Dimension,
                            Window = parsed.GetValue(window) ?? read.Window,
                            Epochs = parsed.GetValue(epochs) ?? read.Epochs,
                            Minutes = parsed.GetValue(minutes) ?? read.Minutes,
                            ValidationUsers = parsed.GetValue(validationUsers) ?? read.ValidationUsers,
                            Seed = parsed.GetValue(seed) ?? read.Seed,
                        };
                        ModelConfig.CheckGiven(options);
                        return Run(
                            events.Open(parsed, cancel),
                            parsed.GetRequiredValue(bundle),
                            parsed.GetRequiredValue(split),
                            parsed.GetValue(types),
                            parsed.GetValue(items),
                            options,
                            parsed.GetValue(checkpoint),
                            parsed.GetValue(reranker),
                            PopularHalfLife.Parse(parsed.GetRequiredValue(popular)),
                            parsed.GetValue(json),
                            cancel
                        );
                    },
                    cancel
                )
        );
        return command;
    }

    private static int Run(
        IEventSource events,
        string bundle,
        string split,
        string? types,
        string? items,
        ModelOptions options,
        string? checkpoint,
        bool reranker,
        PopularHalfLife popular,
        bool json,
        CancellationToken cancel
    )
    {
        options.Check();
        OutputPlace.CheckNewDirectory("--bundle", bundle);
        BundleWriter.CheckPlace(bundle);
        if (checkpoint is not null)
        {
            OutputPlace.CheckFile("--checkpoint", checkpoint);
        }
        var data = TrainingInput.Read(events, split, options, types, cancel);
        // Before a training that may take hours.
        var facts = items is null ? null : ItemFactsFile.Read(items, data.ItemIds, cancel);
        var categories = facts?.Categories(data.ItemIds);
        var trained = TrainingProgressBar.Show(progress => Trainer.Train(data, options, progress, cancel, checkpoint));
        var fitted = reranker ? RerankerFit.Of(trained, data, cancel) : null;
        var tower = facts is null ? null : TowerOf(trained, data, facts, cancel);
        var halfLife = popular.Of(data, cancel);
        var segments = SegmentFit.Of(data.Sequences, data.Times, data.Segments, data.Items, halfLife.HalfLife, cancel);
        var contents = halfLife.AddTo(trained.ToContents(), data) with
        {
            Categories = categories,
            Probe = TrainedProbe.Of(trained),
        };
        if (segments is not null)
        {
            contents = contents with
            {
                Segments = segments.Lists,
                Quality = contents.Quality.Concat(segments.ByName()).ToDictionary(),
            };
        }
        contents = tower?.AddTo(contents) ?? contents;
        var manifest = BundleWriter.Write(bundle, fitted?.AddTo(contents) ?? contents);
        var report = trained.Report;
        TellDoubts(report);
        if (json)
        {
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        model_id = manifest.ModelId,
                        bundle,
                        items = manifest.Items,
                        dimension = manifest.Dimension,
                        window = manifest.Window,
                        seconds = report.Elapsed.TotalSeconds,
                        steps = report.Steps,
                        quality = manifest.Quality,
                        types = manifest.Types,
                        exclude_seen = manifest.ExcludeSeen,
                        repeat_share = manifest.RepeatShare,
                        reranker = fitted is null
                            ? null
                            : new
                            {
                                shipped = fitted.Pays,
                                gain = fitted.Gain,
                                gain_at_least = fitted.GainAtLeast,
                                fitted_on = fitted.Fitted,
                                chosen_by = fitted.Choosing,
                                epoch = fitted.Epoch,
                                ndcg_without = Finite(fitted.Before.Ndcg10),
                                ndcg_with = Finite(fitted.After.Ndcg10),
                            },
                        tower = tower is null ? null : TowerText.Json(tower),
                        popular = new
                        {
                            half_life_ms = manifest.PopularHalfLifeMs,
                            users = halfLife.IsMeasured ? halfLife.Asked.Users : 0,
                            ndcg_whole = Finite(halfLife.Whole),
                            gain = halfLife.IsMeasured ? halfLife.Gain.Mean : (double?)null,
                            gain_at_least = halfLife.IsMeasured ? Finite(halfLife.Gain.AtLeast) : null,
                        },
                        segments = segments?.Lists.Select(list => list.Segment),
                    }
                )
            );
            return (int)ExitCode.Success;
        }
        if (report.Model.IsMeasured)
        {
            Print(report);
        }
        Console.WriteLine(
            $"{manifest.RepeatShare:P1} of the next events are of items among the user's last "
                + $"{Eligibility.LeastKept(manifest.Window)}: "
                + $"lists {(manifest.ExcludeSeen == true ? "leave those items out" : "may hold those items")}, "
                + "unless `work` is told otherwise"
        );
        if (fitted is not null)
        {
            Console.WriteLine(Told(fitted));
        }
        if (tower is not null)
        {
            Console.WriteLine(TowerText.Told(tower));
        }
        Console.WriteLine(popular.Told(halfLife));
        if (segments is not null)
        {
            Console.WriteLine(Told(segments));
        }
        Console.WriteLine($"bundle {bundle}: model {manifest.ModelId}, {report.Elapsed.TotalSeconds:F0} s of training");
        return (int)ExitCode.Success;
    }

    private static FittedTower TowerOf(
        TrainedModel trained,
        SequenceData data,
        ItemFactsFile facts,
        CancellationToken cancel
    )
    {
        var line = new ProgressLine(TimeProvider.System);
        try
        {
            return TowerFit.Fit(
                TowerInput.Of(trained, data, facts.Facts(data.ItemIds)),
                done => line.Report(_ => done),
                cancel
            );
        }
        finally
        {
            line.Erase();
        }
    }

    private static void Print(TrainingReport report)
    {
        var table = new Table().AddColumn("validation").AddColumns("HR@10", "NDCG@10");
        foreach (
            var (name, quality) in new[]
            {
                ("model", report.Model),
                ("markov", report.Markov),
                ("popularity", report.Popularity),
            }
        )
        {
            table.AddRow(name, $"{quality.HitRate10:F4}", $"{quality.Ndcg10:F4}");
        }
        AnsiConsole.Write(table);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Told(FittedReranker fitted)
    {
        if (!fitted.Before.IsMeasured)
        {
            return $"no re-ranker: validation held out {fitted.Fitted} events, and {RerankerFit.LeastCases} "
                + "are needed; raise validation_users, or give more data";
        }
        var verdict = fitted.Pays ? "the bundle has it" : "the bundle does not have it, for that it gains is not sure";
        return $"re-ranker fitted on {fitted.Fitted} held-out events: NDCG@10 of {fitted.Choosing} other users "
            + $"{fitted.Before.Ndcg10:F4} without it, {fitted.After.Ndcg10:F4} with it "
            + $"({fitted.Gain:+0.0%;-0.0%}, at least {fitted.GainAtLeast:+0.0%;-0.0%} by a paired 95 % interval): "
            + verdict;
    }

    private static string Told(SegmentFit segments) =>
        $"lists by segment, on the first {FirstLists.Events} events of {segments.Users} training users: "
        + $"NDCG@10 of the popular list {segments.Popular:F4}; "
        + string.Join(
            "; ",
            segments.Kinds.Select(kind =>
                $"{Excerpt.Of(kind.Kind)} {kind.Gain:+0.0000;-0.0000} (at least {kind.GainAtLeast:+0.0000;-0.0000}): "
                + (kind.Pays ? $"the bundle has its {kind.Segments} lists" : "left out")
            )
        );

    private static void TellDoubts(TrainingReport report)
    {
        if (!report.Model.IsMeasured)
        {
            Console.Error.WriteLine(
                "Nothing to validate on: no user was held out, for none has three events, or validation_users is 0. "
                    + $"The weights are those of the last epoch ({report.BestEpoch})."
            );
        }
        if (report.Steps < ModelOptions.FewSteps)
        {
            Console.Error.WriteLine(
                $"{report.Steps} steps are few: below {ModelOptions.FewSteps} a model has learnt little. "
                    + "Leave --epochs out, or raise it."
            );
        }
    }
}
