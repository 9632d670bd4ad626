using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Http;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Http;

/// <summary>A rule on a metric that does not exist never fires, and a runbook that is not there helps nobody.</summary>
public sealed partial class OperatorFilesTests
{
    private static readonly string s_rules = File.ReadAllText(Shipped("streamrec.rules.yml"));

    [Fact]
    public async Task Every_metric_of_the_rules_and_the_dashboard_is_one_of_the_program()
    {
        var board = new StatusBoard("clicks", "g", TimeProvider.System);
        using var metrics = new WorkMetrics(board, TimeProvider.System);
        var endpoint = new MetricsEndpoint(
            ListenAddress.Parse("127.0.0.1:0"),
            board,
            metrics,
            TimeProvider.System,
            NullLogger<MetricsEndpoint>.Instance
        );
        await endpoint.StartAsync(default);
        using var client = new HttpClient();
        var scraped = Name().Matches(await client.GetStringAsync(new Uri(endpoint.Address!, "/metrics")));
        await endpoint.DisposeAsync();
        var known = Instruments(metrics).SelectMany(Names).ToHashSet();
        Assert.Superset(
            scraped.Select(match => match.Value).Where(name => name.StartsWith("streamrec_")).ToHashSet(),
            known
        );

        known.UnionWith(scraped.Select(match => match.Value));
        Assert.Subset(known, Used(s_rules));
        Assert.Subset(known, Used(File.ReadAllText(Shipped("grafana/streamrec.json"))));
        Assert.Subset(known, Used(File.ReadAllText(Shipped("streamrec.rules.test.yml"))));
    }

    [Fact]
    public void Every_alert_has_a_runbook_that_is_there_and_is_tested_both_ways()
    {
        var anchors = Heading()
            .Matches(WorkMetricsTests.Page())
            .Select(match => NotInAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))
            .ToList();
        var alerts = Alert().Matches(s_rules).Select(match => match.Groups[1].Value).ToList();
        var tests = File.ReadAllText(Shipped("streamrec.rules.test.yml"));

        Assert.NotEmpty(alerts);
        Assert.Equal(
            alerts.Select(alert => alert.ToLowerInvariant()),
            Runbook().Matches(s_rules).Select(match => match.Groups[1].Value)
        );
        Assert.All(
            alerts,
            alert =>
            {
                Assert.Contains(alert.ToLowerInvariant(), anchors);
                Assert.Contains($"- name: {alert} fires\n", tests);
                Assert.Contains($"- name: {alert} is quiet", tests);
            }
        );
    }

    [Fact]
    public void The_dashboard_takes_its_data_source_from_whoever_imports_it()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Shipped("grafana/streamrec.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        Assert.NotEmpty(panels);
        Assert.All(
            panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Append(panel)),
            element => Assert.Equal("${datasource}", element.GetProperty("datasource").GetProperty("uid").GetString())
        );
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    private static string Shipped(string file) => Path.Combine(ContractFiles.Root, "docker", file);

    private static HashSet<string> Used(string text) => [.. Name().Matches(text).Select(match => match.Value)];

    private static List<Instrument> Instruments(WorkMetrics metrics)
    {
        List<Instrument> found = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == metrics.Meter)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        return found;
    }

    private static IEnumerable<string> Names(Instrument instrument)
    {
        var stem = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument switch
        {
            Histogram<double> or Histogram<long> => [stem, $"{stem}_bucket", $"{stem}_sum", $"{stem}_count"],
            ObservableCounter<long> => [$"{stem}_total"],
            _ => [stem],
        };
    }

    [GeneratedRegex(@"\b(streamrec|dotnet)_[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^a-z0-9 -]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"runbook_url: docs/operations\.md#(\S+)")]
    private static partial Regex Runbook();
}
