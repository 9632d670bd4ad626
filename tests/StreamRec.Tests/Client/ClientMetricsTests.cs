using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Client;

public sealed partial class ClientMetricsTests
{
    [Fact]
    public async Task Each_read_is_counted_by_its_source_and_reason()
    {
        var seen = new List<string>();
        var flow = new AsyncLocal<bool> { Value = true };
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "StreamRec.Client")
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        // Other tests read too, in flows of their own.
        listener.SetMeasurementEventCallback<long>(
            (instrument, _, tags, _) =>
            {
                if (flow.Value)
                {
                    seen.Add(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")]));
                }
            }
        );
        listener.SetMeasurementEventCallback<double>(
            (instrument, _, tags, _) =>
            {
                if (flow.Value)
                {
                    seen.Add(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")]));
                }
            }
        );
        listener.Start();
        var answer = new TaskCompletionSource<RedisValue>();
        answer.SetResult(ContractFiles.Golden("list.json"));

        await new ListReader(StalledRedis.Of(answer)).ReadAsync("u");

        Assert.Equal(
            ["streamrec.client.reads own none", "streamrec.client.list.age", "streamrec.client.read.duration read"],
            seen
        );
    }

    [Fact]
    public async Task A_read_is_traced_with_its_source_and_reason()
    {
        var ended = new List<Activity>();
        var parent = new Activity("request").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "StreamRec.Client",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == parent.TraceId)
                {
                    ended.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var answer = new TaskCompletionSource<RedisValue>();
        answer.SetException(
            new RedisConnectionException(
                ConnectionFailureType.SocketFailure,
                CommandFlags.None,
                "gone",
                null,
                CommandStatus.Unknown
            )
        );

        await new ListReader(StalledRedis.Of(answer)).ReadAsync("u");
        parent.Stop();

        var activity = Assert.Single(ended);
        Assert.Equal((ActivityStatusCode.Error, "gone"), (activity.Status, activity.StatusDescription));
        Assert.Equal("unreachable", activity.GetTagItem("streamrec.list.reason"));
    }

    [Fact]
    public void The_page_names_every_metric()
    {
        var page = File.ReadAllText(Path.Combine(ContractFiles.Root, "docs", "client.md"));
        var sources = new[] { "StreamRec.Client", "StreamRec.Client.Kafka" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(ContractFiles.Root, "src", project), "*.cs"))
            .SelectMany(file => Metric().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .ToList();

        Assert.Equal(4, sources.Count);
        Assert.All(sources, name => Assert.Contains($"`{name}`", page));
    }

    [GeneratedRegex("\"(streamrec\\.client\\.[a-z.]+)\"")]
    private static partial Regex Metric();
}
