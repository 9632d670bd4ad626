using System.Diagnostics;
using Confluent.Kafka;

namespace StreamRec.Client.Kafka;

/// <summary>
/// Sends records in batches. A topic's limit on sizes is for whole batches, which the client does not know: a record
/// whose batch was too large is sent again by itself, and only then counts as too large. Safe for any number of
/// threads.
/// </summary>
internal sealed class RecordProducer : IDisposable
{
    private static readonly TimeSpan s_room = TimeSpan.FromMilliseconds(20);

    private readonly IProducer<byte[], byte[]> _together;
    private readonly Lazy<IProducer<byte[], byte[]>> _alone;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onTogether;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onAlone;

    /// <param name="config">Of which idempotence and what is reported are the producer's own.</param>
    /// <param name="failed">Told, by any thread, of each record of <c>Enqueue</c> that Kafka did not
    /// take.</param>
    /// <param name="onLog">Takes the lines of the client's log, from its threads; null: they go to standard
    /// error.</param>
    public RecordProducer(
        ProducerConfig config,
        Action<Error, Message<byte[], byte[]>>? failed = null,
        Action<LogMessage>? onLog = null
    )
    {
        config.EnableIdempotence = true;
        // The bytes too, for those that are sent again. They are not copied.
        config.DeliveryReportFields = "key,value,status";
        _together = Build(config, onLog);
        _alone = new(() =>
            Build(
                new(config.ToDictionary(pair => pair.Key, pair => pair.Value)) { BatchNumMessages = 1, LingerMs = 0 },
                onLog
            )
        );
        _onAlone = report =>
        {
            if (report.Error.IsError)
            {
                failed?.Invoke(report.Error, report.Message);
            }
        };
        _onTogether = report =>
        {
            if (IsTooLarge(report.Error))
            {
                Enqueue(_alone.Value, report.TopicPartition, report.Message, _onAlone);
            }
            else
            {
                _onAlone(report);
            }
        };
    }

    /// <summary>The client's own, for questions on the connections that records take.</summary>
    public Handle Handle => _together.Handle;

    /// <exception cref="ProduceException{TKey,TValue}">Kafka did not take it.</exception>
    public async Task<DeliveryResult<byte[], byte[]>> ProduceAsync(
        TopicPartition place,
        Message<byte[], byte[]> message,
        CancellationToken cancel
    )
    {
        try
        {
            return await _together.ProduceAsync(place, message, cancel).ConfigureAwait(false);
        }
        catch (ProduceException<byte[], byte[]> fault) when (IsTooLarge(fault.Error))
        {
            return await _alone.Value.ProduceAsync(place, message, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Hands a record without headers to the client; waits while its queue is full.</summary>
    public void Enqueue(TopicPartition place, Message<byte[], byte[]> message) =>
        Enqueue(_together, place, message, _onTogether);

    /// <summary>Waits until Kafka has answered for every record.</summary>
    /// <returns>For how many it has not.</returns>
    public int Flush(TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        var waiting = _together.Flush(limit);
        if (_alone.IsValueCreated)
        {
            var left = limit - Stopwatch.GetElapsedTime(start);
            waiting += _alone.Value.Flush(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        return waiting;
    }

    public void Dispose()
    {
        _together.Dispose();
        if (_alone.IsValueCreated)
        {
            _alone.Value.Dispose();
        }
    }

    /// <summary>Whether a record, or the batch that it was in, is larger than its topic takes.</summary>
    public static bool IsTooLarge(Error error) =>
        error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge;

    private void Enqueue(
        IProducer<byte[], byte[]> producer,
        TopicPartition place,
        Message<byte[], byte[]> message,
        Action<DeliveryReport<byte[], byte[]>> delivered
    )
    {
        while (true)
        {
            try
            {
                producer.Produce(place, message, delivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(s_room);
            }
            catch (ProduceException<byte[], byte[]> fault)
            {
                _onAlone(new() { Error = fault.Error, Message = message });
                return;
            }
        }
    }

    private static IProducer<byte[], byte[]> Build(ProducerConfig config, Action<LogMessage>? onLog)
    {
        var builder = new ProducerBuilder<byte[], byte[]>(config);
        return (onLog is null ? builder : builder.SetLogHandler((_, message) => onLog(message))).Build();
    }
}
