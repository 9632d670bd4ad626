using System.Threading.Channels;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis.Lists;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>The catalogue that the worker follows: read to its end before there is any list.</summary>
internal sealed partial class CataloguePart : IDisposable
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly WorkOptions _options;
    private readonly KafkaPart _kafka;
    private readonly ModelPart _model;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TopicInspector _inspector;

    // Waits, while the dead-letter topic is away; what is lost with the process is read again at the next start.
    private readonly Channel<DeadLetter> _letters = Channel.CreateUnbounded<DeadLetter>();

    // That readers are to know of something; of what, the catalogue and the model say that are live then.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private CatalogueWatch? _watch;
    private EligibleItems? _eligible;
    private long _unreadable;
    private volatile CatalogueStatus _status = CatalogueStatus.NotRead;

    private CataloguePart(WorkOptions options, KafkaPart kafka, ModelPart model, TimeProvider time, ILogger log)
    {
        (_options, _kafka, _model, _time, _log) = (options, kafka, model, time, log);
        _inspector = new TopicInspector(kafka.Settings);
    }

    /// <returns>Null where none is to be followed.</returns>
    /// <exception cref="StreamRecException">The topic is no catalogue of the model, or Kafka does not answer in time,
    /// or refuses.</exception>
    public static async Task<CataloguePart?> OpenAsync(
        WorkOptions options,
        KafkaPart kafka,
        ModelPart model,
        StartRetry start,
        StatusBoard board,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        if (options.ItemsTopic.Length == 0)
        {
            return null;
        }
        var part = new CataloguePart(options, kafka, model, time, log);
        board.Watch(() => part.Status());
        try
        {
            var feed = await start.RunAsync(() => part.ReadAsync(stop), stop);
            part._watch = new CatalogueWatch(
                feed,
                part._inspector,
                part.Open,
                part.Show,
                options.TopicCheck,
                time,
                log
            );
            part.Begin(feed);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Follows the topic until cancelled.</summary>
    public Task FollowAsync(CancellationToken stop) => _watch!.RunAsync(stop);

    /// <summary>Keeps what cannot be read as dead letters, until cancelled.</summary>
    public async Task KeepLettersAsync(CancellationToken stop)
    {
        await foreach (var letter in _letters.Reader.ReadAllAsync(stop))
        {
            while (!await TryKeepAsync(letter, stop))
            {
                await Task.Delay(s_again, _time, stop);
            }
        }
    }

    /// <summary>
    /// Writes, until cancelled, what readers are to leave out of lists that are there, and the popular list without it.
    /// </summary>
    public async Task PublishAsync(RedisPart redis, CancellationToken stop)
    {
        var shared = new SharedKeys(redis.Database, new(_options.Prefix));
        ToldItems? told = null;
        await foreach (var _ in _changed.Reader.ReadAllAsync(stop))
        {
            if (!await TryPublishAsync())
            {
                Changed();
            }
            await Task.Delay(s_again, _time, stop);
        }

        async Task<bool> TryPublishAsync()
        {
            if (told is null && await shared.TryReadWithdrawnAsync(stop) is { } before)
            {
                told = new ToldItems(before);
            }
            return told is not null
                && await shared.TryWriteAsync(_model.Withdrawn(_model.Catalogue, told), _model.Popular(), stop);
        }
    }

    /// <summary>Another model is live: what readers are to leave out of its lists is written.</summary>
    public void ModelChanged() => Changed();

    public void Dispose()
    {
        _watch?.Dispose();
        _inspector.Dispose();
    }

    private async Task<CatalogueFeed> ReadAsync(CancellationToken stop)
    {
        var topic = await CatalogueTopic.CheckedAsync(
            _inspector,
            _options.ItemsTopic,
            AclOperation.Read,
            _options.TopicIds,
            stop
        );
        var feed = Open(topic);
        try
        {
            await Kafka.Blocking.RunAsync(() =>
            {
                feed.ReadToEnd(stop);
                return true;
            });
            return feed;
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    private CatalogueFeed Open(TopicFacts topic) =>
        new(
            _kafka.Settings,
            topic,
            Refuse,
            _time,
            filter: _options.Filter,
            cap: _options.ListCap,
            // The next model may make something of them.
            keepFacts: _model.MakesNewItems || (_options.Registry.Length > 0 && _options.NewItemShare > 0)
        );

    private void Refuse(DeadLetter letter)
    {
        Interlocked.Increment(ref _unreadable);
        _letters.Writer.TryWrite(letter);
    }

    private CatalogueStatus Status() =>
        _status with
        {
            Unreadable = Interlocked.Read(ref _unreadable),
            Age = _watch?.Age ?? TimeSpan.Zero,
            NewItems = _model.NewItems,
        };

    private void Changed() => _changed.Writer.TryWrite(true);

    private void Begin(CatalogueFeed feed)
    {
        var listed = feed.View() is { } view ? _model.Listed(view) : 0;
        if (listed == 0)
        {
            var filter = _options.Filter;
            throw new StreamRecException(
                $"Topic '{feed.Topic.Name}' has {feed.Items} items, and none of the model's {_model.Served.Items} may "
                    + $"be listed{(filter.IsNone ? "" : $" by {filter.Text}")}: no list could hold any. "
                    + "Fill it first (`streamrec catalogue import`), "
                    + $"{(filter.IsNone ? "" : "filter less, ")}or follow no catalogue.",
                FaultKind.Input
            );
        }
        Show(feed, feed.View()!);
        LogFollowed(_log, feed.Topic.Name, feed.Items, listed, _model.Served.Items);
        if (_model.MakesNewItems)
        {
            LogNewItems(_log, _model.NewItems.All, _options.NewItemShare);
        }
        else
        {
            LogNoNewItems(
                _log,
                _options.NewItemShare == 0 ? "NewItemShare is 0"
                    : _model.Served.Bundle?.Tower is null ? "its bundle has no tower"
                    : "its encoder is fed item numbers, and a new item has none"
            );
        }
    }

    private void Show(CatalogueFeed feed, CatalogueView view)
    {
        _model.Catalogue = view;
        _status = new CatalogueStatus(view.Version, feed.Items, 0, TimeSpan.Zero);
        if (view.Eligible != _eligible)
        {
            _eligible = view.Eligible;
            Changed();
        }
    }

    private async Task<bool> TryKeepAsync(DeadLetter letter, CancellationToken stop)
    {
        try
        {
            var topic = new PartitionIdentity(_options.ItemsTopic, 0, _status.Version?.TopicUuid ?? "", 1, "");
            await _kafka.Letters.PublishAsync(topic, [letter], stop);
            return true;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    [LoggerMessage(
        40,
        LogLevel.Information,
        "Following the catalogue {Topic} of {Items} items: {Listed} of the model's {Known} may be listed."
    )]
    private static partial void LogFollowed(ILogger log, string topic, int items, int listed, int known);

    [LoggerMessage(
        45,
        LogLevel.Information,
        "{NewItems} items of the catalogue are new to the model; together they get {Share} of lists' places."
    )]
    private static partial void LogNewItems(ILogger log, int newItems, float share);

    [LoggerMessage(
        46,
        LogLevel.Information,
        "Items of the catalogue that the model was not trained on are on no list, since {Why}."
    )]
    private static partial void LogNoNewItems(ILogger log, string why);
}
