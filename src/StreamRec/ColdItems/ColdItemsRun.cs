using StreamRec.Catalogue;
using StreamRec.Input;
using StreamRec.Terminal;
using StreamRec.Training.ColdItems;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.ColdItems;

/// <summary>`evaluate --split cold-items`: how well items are found that nobody has clicked yet.</summary>
internal sealed class ColdItemsRun
{
    public const string Split = "cold-items";

    public required string Events { get; init; }

    /// <summary>The file of items.</summary>
    public required string Items { get; init; }

    public string? Types { get; init; }

    public required ModelOptions Options { get; init; }

    public string? Checkpoint { get; init; }

    public required int Seed { get; init; }

    public required IReadOnlyList<double> Shares { get; init; }

    public bool Json { get; init; }

    public int Start(CancellationToken cancel)
    {
        Options.Check();
        if (Checkpoint is not null)
        {
            OutputPlace.CheckFile("--checkpoint", Checkpoint);
        }
        var data = TrainingInput.Read(new EventFile(Events), TrainingInput.None, Options, Types, cancel);
        var facts = ItemFactsFile.Read(Items, data.ItemIds, cancel);
        var line = new ProgressLine(TimeProvider.System);
        ColdItemsReport report;
        try
        {
            report = ColdItemsEvaluation.Of(
                data,
                facts.Of,
                known =>
                    TrainingProgressBar.Show(progress => Trainer.Train(known, Options, progress, cancel, Checkpoint)),
                Shares,
                Seed,
                done => line.Report(_ => done),
                cancel
            );
        }
        finally
        {
            line.Erase();
        }
        if (Json)
        {
            Console.WriteLine(ColdItemsJson.Of(report).ToJsonString());
        }
        else
        {
            ColdItemsText.Write(report);
        }
        return 0;
    }
}
