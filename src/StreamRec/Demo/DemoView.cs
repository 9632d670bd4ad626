using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace StreamRec.Demo;

/// <summary>
/// Shows the live traffic: a table that is redrawn on a terminal, a line every few seconds elsewhere.
/// </summary>
/// <param name="describe">The figures now.</param>
/// <param name="watched">The shopper shown, the last clicks, and the first items of the list.</param>
internal sealed class DemoView(Func<DemoSummary> describe, Func<Task<WatchedShopper>> watched)
{
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(5);

    public async Task RunAsync(bool live, CancellationToken stop)
    {
        if (live)
        {
            await AnsiConsole
                .Live(new Text(""))
                .StartAsync(async context =>
                {
                    await RepeatAsync(
                        s_redraw,
                        async () =>
                        {
                            context.UpdateTarget(Draw(describe(), await watched()));
                            context.Refresh();
                        },
                        stop
                    );
                });
            return;
        }
        await RepeatAsync(
            s_line,
            () =>
            {
                Console.WriteLine(Line(describe()));
                return Task.CompletedTask;
            },
            stop
        );
    }

    public static string Line(DemoSummary now) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)now.Seconds} s  {now.Events} clicks ({now.EventsPerSecond:F0}/s)  "
                + $"p50 {now.P50:F1} ms  p99 {now.P99:F1} ms  hit rate @10: "
                + $"{string.Join(", ", now.HitRates.Select(rate => $"{rate.Key} {Number(rate.Value, "F3")}"))}"
        );

    private static async Task RepeatAsync(TimeSpan interval, Func<Task> show, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await show();
        }
    }

    private static IRenderable Draw(DemoSummary now, WatchedShopper shopper)
    {
        var figures = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns("clicks", "clicks/s", "p50 ms", "p99 ms", "hit rate @10: model", "markov", "popularity");
        figures.AddRow(
            now.Events.ToString(CultureInfo.InvariantCulture),
            Number(now.EventsPerSecond, "F0"),
            Number(now.P50, "F1"),
            Number(now.P99, "F1"),
            Number(now.HitRates["model"], "F3"),
            Number(now.HitRates["markov"], "F3"),
            Number(now.HitRates["popularity"], "F3")
        );
        var lists = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns($"last clicks of {Markup.Escape(shopper.Id)}, newest last", "list now, best first");
        lists.AddRow(Names(shopper.Clicks), Names(shopper.List));
        return new Rows(figures, lists, new Text("Ctrl-C ends the demo."));
    }

    private static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Names(IEnumerable<ShopItem> items) =>
        Markup.Escape(string.Join('\n', items.Select(item => item.Name)));
}

/// <summary>One shopper, as the view shows it.</summary>
internal sealed record WatchedShopper(string Id, IReadOnlyList<ShopItem> Clicks, IReadOnlyList<ShopItem> List);
