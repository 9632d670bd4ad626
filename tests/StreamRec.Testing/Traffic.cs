using System.Diagnostics;
using Confluent.Kafka;

namespace StreamRec.Testing;

/// <summary>A producer in the test's process: generated events, keyed by user, acknowledged by all replicas.</summary>
internal sealed class Traffic : IDisposable
{
    private readonly ProducerBuilder<string, string> _builder;
    private readonly string _topic;
    private readonly IEnumerator<DataEvent> _source;
    private IProducer<string, string> _producer;
    private long _acknowledged,
        _failed;

    public Traffic(
        string bootstrap,
        string topic,
        int seed = 1,
        int users = 200,
        int items = 300,
        Partitioner partitioner = Partitioner.Murmur2Random
    )
    {
        _topic = topic;
        _source = EventData.Generated(users, items, int.MaxValue, seed).GetEnumerator();
        _builder = new ProducerBuilder<string, string>(
            new ProducerConfig
            {
                BootstrapServers = bootstrap,
                EnableIdempotence = true,
                Partitioner = partitioner,
                LingerMs = 2,
                MessageTimeoutMs = 120_000,
            }
        ).SetLogHandler((_, _) => { });
        _producer = _builder.Build();
    }

    public long Sent { get; private set; }

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Sends generated events at a rate, and returns when they are acknowledged.</summary>
    public async Task SendAsync(int events, double perSecond, CancellationToken cancel = default)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < events && !cancel.IsCancellationRequested; i++)
        {
            var wait = TimeSpan.FromSeconds(i / perSecond) - clock.Elapsed;
            if (wait > TimeSpan.FromMilliseconds(5))
            {
                await Task.Delay(wait, CancellationToken.None);
            }
            Send(NextEvent());
        }
        Flush();
    }

    /// <summary>
    /// Goes on as a producer that was just started: one that knew a log before it was cut is refused for its sequence
    /// numbers.
    /// </summary>
    public void StartAnew()
    {
        _producer.Dispose();
        _producer = _builder.Build();
    }

    public DataEvent NextEvent()
    {
        _source.MoveNext();
        return _source.Current;
    }

    public void Send(in DataEvent click) => Send(click.UserId, click.ToJson());

    public void Send(string key, string value)
    {
        while (true)
        {
            try
            {
                _producer.Produce(
                    _topic,
                    new Message<string, string> { Key = key, Value = value },
                    report =>
                    {
                        if (report.Error.IsError)
                        {
                            Interlocked.Increment(ref _failed);
                        }
                        else
                        {
                            Interlocked.Increment(ref _acknowledged);
                        }
                    }
                );
                Sent++;
                return;
            }
            catch (ProduceException<string, string> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    public void Flush()
    {
        if (_producer.Flush(TimeSpan.FromMinutes(3)) > 0 || Interlocked.Read(ref _failed) > 0)
        {
            throw new InvalidOperationException($"{_failed} events were not acknowledged by Kafka.");
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _producer.Dispose();
    }
}
