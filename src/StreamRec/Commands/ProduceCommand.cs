using System.CommandLine;
using System.Diagnostics;
using Confluent.Kafka.Admin;
using StreamRec.Kafka;
using StreamRec.Settings;

namespace StreamRec.Commands;

/// <summary>`streamrec produce`: event JSON lines → Kafka.</summary>
internal static class ProduceCommand
{
    public static Command Create()
    {
        var events = SharedOptions.Events();
        var topic = new Option<string>("--topic") { Description = "Kafka topic.", Required = true };
        var bootstrap = SharedOptions.Bootstrap();
        var rate = new Option<double?>("--rate") { Description = "Events a second; without it, as fast as Kafka takes them." };
        var speedup = new Option<double?>("--speedup") { Description = "The data's own pace, times this factor." };
        var set = SharedOptions.Set();
        var command = new Command("produce", "Publish events to Kafka: idempotent, keyed by user, murmur2 partitioner.")
        {
            events, topic, bootstrap, rate, speedup, set,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(events), parsed.GetRequiredValue(topic), SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, bootstrap)).KafkaSettings(),
            parsed.GetValue(rate), parsed.GetValue(speedup), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string events, string topic, KafkaSettings settings, double? rate, double? speedup, CancellationToken cancel)
    {
        if (rate <= 0 || speedup <= 0 || (rate is not null && speedup is not null))
        {
            throw new StreamRecException("Give --rate or --speedup, not both, and above 0.", ExitCode.Usage);
        }
        using (var inspector = new TopicInspector(settings))
        {
            await inspector.DescribeAsync(topic, AclOperation.Write, identify: false);
        }
        using var producer = new EventProducer(settings, topic);
        var file = new EventFile(events);
        var clock = Stopwatch.StartNew();
        long sent = 0;
        long? first = null;
        foreach (var click in file.Events())
        {
            first ??= click.TimeMs;
            var due = rate is { } perSecond ? TimeSpan.FromSeconds(sent / perSecond)
                : speedup is { } factor ? TimeSpan.FromMilliseconds((click.TimeMs - first.Value) / factor)
                : TimeSpan.Zero;
            if (due - clock.Elapsed is var wait && wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, cancel);
            }
            producer.Publish(click);
            sent++;
        }
        producer.Flush(TimeSpan.FromMinutes(1));
        Console.Error.WriteLine($"{sent} events in {clock.Elapsed.TotalSeconds:F1} s to topic {topic}; {file.Bad} bad lines.");
        return (int)(file.Bad > 0 ? ExitCode.BadInput : ExitCode.Success);
    }
}
