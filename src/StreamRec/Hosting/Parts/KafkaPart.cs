using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Ports;
using StreamRec.Hosting.Halts;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka;
using StreamRec.Kafka.Consuming;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>Kafka, reached: the topic of events as it is, and where goes what cannot be used.</summary>
internal sealed class KafkaPart : IDisposable
{
    private readonly WorkOptions _options;
    private readonly StartPosition _from;
    private readonly DeadLetterPublisher _deadLetters;
    private readonly TopicInspector _inspector;
    private readonly TimeProvider _time;
    private StrayPolicy? _strays;

    private KafkaPart(WorkOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time) = (options, time);
        // First, since what it refuses is a mistake in the settings, which no waiting mends.
        _from = StartPosition.Parse(options.From);
        Settings = options.KafkaSettings().LogTo(log, time);
        _deadLetters = new DeadLetterPublisher(Settings, options.DeadLetters);
        _inspector = new TopicInspector(Settings);
    }

    public KafkaSettings Settings { get; }

    public TopicFacts Topic { get; private set; } = null!;

    /// <summary>Sees that the topic stays what it is.</summary>
    public TopicWatch Watch { get; private set; } = null!;

    public IDeadLetters Letters => _strays!;

    /// <exception cref="StreamRecException">A setting is wrong, or Kafka does not answer in time, or
    /// refuses.</exception>
    public static async Task<KafkaPart> OpenAsync(
        WorkOptions options,
        StartRetry start,
        HaltSignal halts,
        StatusBoard board,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        var part = new KafkaPart(options, time, log);
        board.Watch(() => part.Settings.Log.Lines);
        try
        {
            await part.LookAsync(start, halts, log, stop);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>What the topic's partitions ask of the log, as the worker's group has it.</summary>
    public LogControl Control() =>
        new(
            Settings,
            Topic,
            new GroupSettings(_options.Group, _options.GroupInstanceId, _options.GroupProtocol == WorkOptions.Consumer),
            _from,
            _inspector
        );

    public void Dispose()
    {
        _strays?.Dispose();
        _inspector.Dispose();
        _deadLetters.Dispose();
    }

    private async Task LookAsync(StartRetry start, HaltSignal halts, ILogger log, CancellationToken stop)
    {
        Topic = await start.RunAsync(
            () => _inspector.DescribeAsync(_options.Topic, AclOperation.Read, _options.TopicIds, stop),
            stop
        );
        await start.RunAsync(
            () => _inspector.DescribeAsync(_options.DeadLetters, AclOperation.Write, _options.TopicIds, stop),
            stop
        );
        if (_options.TopicIds)
        {
            var doubts = TopicDoubts.Of(
                (_options.Topic, await _inspector.SettingsAsync(_options.Topic, stop)),
                (_options.DeadLetters, await _inspector.SettingsAsync(_options.DeadLetters, stop))
            );
            foreach (var doubt in doubts)
            {
                DoubtLog.Tell(log, doubt);
            }
        }
        Watch = new TopicWatch(_inspector, Topic, _options.Group, _options.TopicCheck, halts, _time, log);
        _strays = new StrayPolicy(
            _deadLetters,
            _inspector,
            Settings,
            KeyHash.PartitionOf(_options.Partitioner),
            _options.Strays == WorkOptions.ReRoute,
            Watch.Report
        );
    }
}
