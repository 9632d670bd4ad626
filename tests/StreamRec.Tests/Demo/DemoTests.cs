using System.Diagnostics;
using System.Text.Json;
using StreamRec.Demo;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Demo;

public class DemoTests
{
    [Fact]
    public void Same_seed_same_clicks()
    {
        var shop = new Shop();

        Assert.Equal(ShopTraffic.Past(shop, 3, 20, 30, 0), ShopTraffic.Past(shop, 3, 20, 30, 0));
        Assert.NotEqual(
            ShopTraffic.Past(shop, 3, 20, 30, 0).Select(click => click.ItemId),
            ShopTraffic.Past(shop, 4, 20, 30, 0).Select(click => click.ItemId)
        );
    }

    /// <summary>From nothing to lists that beat both baselines, by the command that the README names first.</summary>
    [Fact]
    public async Task Writes_lists_that_beat_popularity_and_markov()
    {
        using var demo = Process.Start(
            new ProcessStartInfo("dotnet")
            {
                ArgumentList =
                {
                    Path.Combine(AppContext.BaseDirectory, "streamrec.dll"),
                    "demo",
                    "--seconds",
                    "10",
                    "--rate",
                    "400",
                    "--json",
                },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = demo.StandardError.ReadToEndAsync();
        var output = await demo.StandardOutput.ReadToEndAsync();
        await demo.WaitForExitAsync();

        Assert.True(demo.ExitCode == 0, $"exit code {demo.ExitCode}\n{output}\n{await errors}");
        var last = output.TrimEnd().Split('\n')[^1];
        Assert.True(ContractFiles.IsValid("cli/demo.schema.json", last), last);
        var summary = JsonDocument.Parse(last).RootElement;
        Assert.Equal(summary.GetProperty("events").GetInt64(), summary.GetProperty("events_in_lists").GetInt64());
        var rates = summary.GetProperty("hit_rate@10");
        Assert.True(rates.GetProperty("model").GetDouble() > rates.GetProperty("markov").GetDouble());
        Assert.True(rates.GetProperty("model").GetDouble() > rates.GetProperty("popularity").GetDouble());
    }
}
