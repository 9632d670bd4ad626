using Spectre.Console;
using StreamRec.Training.Runs;

namespace StreamRec.Terminal;

/// <summary>Shows training: a bar on a terminal, a line an epoch elsewhere; always on stderr.</summary>
internal static class TrainingProgressBar
{
    public static TrainedModel Show(Func<IProgress<TrainingProgress>, TrainedModel> train)
    {
        if (Console.IsErrorRedirected)
        {
            return train(
                new Sink(p =>
                    Console.Error.WriteLine(
                        $"epoch {p.Epoch}/{p.Epochs}  loss {p.Loss:F4}{Validated(p, "  validation NDCG@10")}"
                            + $"  {p.PositionsPerSecond:F0} positions/s"
                    )
                )
            );
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console
            .Progress()
            .Start(context =>
            {
                var task = context.AddTask("training");
                return train(
                    new Sink(p =>
                    {
                        task.MaxValue = p.Epochs;
                        task.Value = p.Epoch;
                        task.Description = $"training  loss {p.Loss:F3}{Validated(p, "  NDCG@10")}";
                    })
                );
            });
    }

    private static string Validated(TrainingProgress p, string name) =>
        double.IsNaN(p.Ndcg10) ? "" : $"{name} {p.Ndcg10:F4}";

    /// <summary>Reports on the trainer's own thread, in order.</summary>
    private sealed class Sink(Action<TrainingProgress> show) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => show(value);
    }
}
