using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka.Admin;
using StreamRec.Input;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Terminal;

namespace StreamRec.Commands;

/// <summary>`streamrec produce`: event JSON lines → Kafka.</summary>
internal static class ProduceCommand
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private const double LeastPace = 0.001,
        MostPace = 10_000_000;
    private static readonly TimeSpan s_flush = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var events = SharedOptions.Events();
        var topic = new Option<string>("--topic") { Description = "Kafka topic.", Required = true };
        var bootstrap = SharedOptions.Bootstrap();
        var rate = new Option<double?>("--rate")
        {
            Description = "Events a second; without it, as fast as Kafka takes them.",
        };
        var speedup = new Option<double?>("--speedup")
        {
            Description = "At the data's own pace, times this factor; 1 is its own.",
        };
        var json = SharedOptions.Json();
        var partitioner = SharedOptions.Partitioner();
        var set = SharedOptions.Set();
        var command = new Command("produce", "Publish events to Kafka: idempotent, keyed by user.")
        {
            events,
            topic,
            bootstrap,
            partitioner,
            rate,
            speedup,
            json,
            set,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    parsed.GetRequiredValue(events),
                    parsed.GetRequiredValue(topic),
                    SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, bootstrap, partitioner)),
                    parsed.GetValue(rate),
                    parsed.GetValue(speedup),
                    parsed.GetValue(json),
                    cancel
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        string events,
        string topic,
        ServerOptions servers,
        double? rate,
        double? speedup,
        bool json,
        CancellationToken cancel
    )
    {
        if (rate is not null && speedup is not null)
        {
            throw new StreamRecException("Give --rate or --speedup, not both.", FaultKind.Usage);
        }
        if (
            rate is not (null or (>= LeastPace and <= MostPace))
            || speedup is not (null or (>= LeastPace and <= MostPace))
        )
        {
            throw new StreamRecException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(rate is null ? "--speedup" : "--rate")} is {rate ?? speedup}: "
                        + $"it must lie between {LeastPace} and {MostPace}."
                ),
                FaultKind.Usage
            );
        }
        var settings = servers.KafkaSettings();
        int? most;
        using (var inspector = new TopicInspector(settings))
        {
            await inspector.DescribeAsync(topic, AclOperation.Write, identify: false, cancel);
            most = await inspector.MostBytesAsync(topic, cancel);
        }
        using var producer = new EventProducer(settings, topic, servers.Partitioner, most);
        var file = new EventFile(events, cancel);
        var clock = Stopwatch.StartNew();
        long sent = 0;
        await ProduceProgress.RunAsync(async progress =>
        {
            long? first = null;
            try
            {
                foreach (var click in file.Events())
                {
                    cancel.ThrowIfCancellationRequested();
                    first ??= click.TimeMs;
                    var due =
                        rate is { } perSecond ? TimeSpan.FromSeconds(sent / perSecond)
                        : speedup is { } factor ? TimeSpan.FromMilliseconds((click.TimeMs - first.Value) / factor)
                        : TimeSpan.Zero;
                    while (due - clock.Elapsed is var wait && wait > s_least)
                    {
                        progress.Report(file.Share, sent, clock.Elapsed);
                        await Task.Delay(wait < ProduceProgress.Interval ? wait : ProduceProgress.Interval, cancel);
                    }
                    producer.Publish(click);
                    sent++;
                    progress.Report(file.Share, sent, clock.Elapsed);
                }
            }
            finally
            {
                // What was sent before a Ctrl-C arrives too.
                producer.Flush(s_flush);
                if (cancel.IsCancellationRequested)
                {
                    Console.Error.WriteLine(
                        $"{sent} events were sent to topic {topic}; what is sent again is removed as a duplicate."
                    );
                }
            }
            progress.Report(1, sent, clock.Elapsed);
        });
        if (sent == 0)
        {
            throw new StreamRecException($"'{events}' holds no event.", FaultKind.Input);
        }
        Console.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{sent} events in {clock.Elapsed.TotalSeconds:F1} s ({sent / clock.Elapsed.TotalSeconds:F0}/s) "
                    + $"to topic {topic}; {file.Bad} bad lines."
            )
        );
        if (json)
        {
            Console.WriteLine(Json(topic, sent, file.Bad, clock.Elapsed));
        }
        return (int)ExitCode.Success;
    }

    internal static string Json(string topic, long events, long badLines, TimeSpan took) =>
        JsonSerializer.Serialize(
            new
            {
                topic,
                events,
                bad_lines = badLines,
                seconds = Math.Round(took.TotalSeconds, 3),
                events_per_s = Math.Round(events / took.TotalSeconds, 1),
            }
        );
}
