using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamRec.Client.Kafka;
using StreamRec.Events;
using StreamRec.Hosting;
using StreamRec.Options;
using StreamRec.Testing;

namespace StreamRec.IntegrationTests;

/// <summary>A trace goes from whoever publishes through Kafka to the batch that made the list.</summary>
[Collection(nameof(Servers))]
public sealed class TraceTests(Servers servers)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [ServerFact]
    public async Task The_trace_of_a_click_is_a_link_of_the_one_batch_that_worked_it()
    {
        var topic = $"trace-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        var worked = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        Activity? sent = null;
        var batches = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "StreamRec" or "StreamRec.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.OperationName == $"send {topic}")
                {
                    sent = span;
                }
                else if (span.OperationName == $"process {topic}")
                {
                    Interlocked.Increment(ref batches);
                    worked.TrySetResult(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        // In this process, where the listener is.
        using var host = WorkHost.Build(
            Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true }),
            new WorkOptions
            {
                Bundle = await SmallBundle.PathAsync(),
                Topic = topic,
                Group = $"{topic}-group",
                Bootstrap = servers.Kafka.Bootstrap,
                Redis = servers.Redis.Address,
                Prefix = topic,
            }
        );
        await host.StartAsync();
        await host.Services.GetRequiredService<RecommendationService>().Started.WaitAsync(s_limit);
        using var publisher = new EventPublisher(
            new ClientConfig { BootstrapServers = servers.Kafka.Bootstrap },
            topic
        );

        await publisher.PublishAsync(new ClickEvent("e", "u", "i000001", "click", 1_700_000_000_000));
        var batch = await worked.Task.WaitAsync(s_limit);
        await host.StopAsync();

        Assert.Equal(sent!.TraceId, Assert.Single(batch.Links).Context.TraceId);
        Assert.Equal(sent.SpanId, batch.Links.Single().Context.SpanId);
        Assert.Equal(1, batches);
    }
}
