using System.Globalization;
using Spectre.Console;

namespace StreamRec.Terminal;

/// <summary>
/// Shows how far a file has been produced, on stderr: a bar on a terminal, nothing elsewhere.
/// </summary>
internal sealed class ProduceProgress(Action<double, long, double> show)
{
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);

    private TimeSpan _shown;

    /// <summary>How often <see cref="Report"/> is worth calling.</summary>
    public static TimeSpan Interval => s_redraw;

    /// <summary>Shows it, unless something was shown just before.</summary>
    public void Report(double share, long events, TimeSpan elapsed)
    {
        if (elapsed - _shown >= Interval)
        {
            _shown = elapsed;
            show(share, events, events / Math.Max(elapsed.TotalSeconds, 1e-3));
        }
    }

    public static Task RunAsync(Func<ProduceProgress, Task> produce)
    {
        if (Console.IsErrorRedirected)
        {
            return produce(new ProduceProgress((_, _, _) => { }));
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console
            .Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(context =>
            {
                var task = context.AddTask("producing");
                return produce(
                    new ProduceProgress(
                        (share, events, rate) =>
                        {
                            task.Value = share * task.MaxValue;
                            task.Description = string.Create(
                                CultureInfo.InvariantCulture,
                                $"{events:N0} events, {rate:N0}/s"
                            );
                        }
                    )
                );
            });
    }
}
