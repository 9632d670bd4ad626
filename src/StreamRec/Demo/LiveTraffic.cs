using System.Diagnostics;
using StackExchange.Redis;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Kafka.Producing;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Probes;
using StreamRec.Redis;

namespace StreamRec.Demo;

/// <summary>
/// Live clicks at a steady rate, each judged before it is sent: was the item among the first ten of the list that the
/// shopper has in the store at this moment, and of what popularity and Markov would have shown?
/// </summary>
internal sealed class LiveTraffic
{
    private const int Judged = 10;
    private const int Remembered = 6;
    private const int Attempts = 6;

    /// <summary>Clicks of a shopper that are no cases: of a stranger nothing can be known.</summary>
    private const int Introduction = 3;

    private readonly Shopper[] _shoppers;
    private readonly Bundle _bundle;
    private readonly EventProducer _producer;
    private readonly IDatabase _redis;
    private readonly StoreKeys _keys;
    private readonly FreshnessReader _reader;
    private readonly PrequentialEvaluator _popularity = new(new PopularityRanker(), Judged);
    private readonly PrequentialEvaluator _markov = new(new MarkovRanker(), Judged);
    private readonly RankingMetrics _model = new();
    private readonly Random _random;
    private readonly string _run;
    private readonly int[] _clicksOf;
    private readonly Queue<ShopItem> _watchedClicks = new();
    private readonly Lock _view = new();
    private long _clicks;

    public LiveTraffic(
        Shop shop,
        int seed,
        Bundle bundle,
        EventProducer producer,
        IDatabase redis,
        StoreKeys keys,
        FreshnessReader reader
    )
    {
        (_bundle, _producer, _redis, _keys, _reader) = (bundle, producer, redis, keys, reader);
        _shoppers = ShopTraffic.LiveShoppers(shop, seed, DemoOptions.Shoppers);
        _clicksOf = new int[_shoppers.Length];
        _random = new Random(seed);
        // Event ids of two demos on one topic must differ.
        _run = TimeProvider
            .System.GetUtcNow()
            .ToUnixTimeMilliseconds()
            .ToString("x", System.Globalization.CultureInfo.InvariantCulture);
    }

    public long Sent { get; private set; }

    /// <summary>The shopper whose clicks and list are shown.</summary>
    public string Watched => _shoppers[0].Id;

    public IReadOnlyList<ShopItem> WatchedClicks
    {
        get
        {
            lock (_view)
            {
                return [.. _watchedClicks];
            }
        }
    }

    public (double Model, double Markov, double Popularity, int Cases) HitRates()
    {
        lock (_view)
        {
            return (
                _model.HitRate(Judged),
                _markov.Metrics.HitRate(Judged),
                _popularity.Metrics.HitRate(Judged),
                _model.Count
            );
        }
    }

    /// <summary>The baselines know the past too.</summary>
    public void Learn(IEnumerable<ClickEvent> past)
    {
        var users = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var click in past)
        {
            if (!users.TryGetValue(click.UserId, out var user))
            {
                // Live shoppers are 0 and up.
                users[click.UserId] = user = -1 - users.Count;
            }
            _popularity.Learn(user, _bundle.IndexOf(click.ItemId));
            _markov.Learn(user, _bundle.IndexOf(click.ItemId));
        }
    }

    /// <summary>
    /// Sends until stopped: click k is due k/rate seconds after the start, whether or not others were late.
    /// </summary>
    public async Task RunAsync(double rate, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            var due = start + (long)(Sent / rate * Stopwatch.Frequency);
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            await ClickAsync(_random.Next(_shoppers.Length), due);
            Sent++;
        }
    }

    /// <summary>One click of the watched shopper, now; it counts in no figure.</summary>
    public Task ClickOnceAsync() => ClickAsync(0, Stopwatch.GetTimestamp());

    /// <summary>
    /// A shopper's list in the store. A machine that is busy with all of this can be slow to answer, and is asked
    /// again.
    /// </summary>
    public async Task<RedisValue> ListAsync(string shopper)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _redis.StringGetAsync(_keys.List(shopper));
            }
            catch (RedisTimeoutException) when (attempt < Attempts)
            {
                // It has waited for seconds.
            }
        }
    }

    private async Task ClickAsync(int shopper, long due)
    {
        var user = _shoppers[shopper].Id;
        var item = _shoppers[shopper].Next();
        var index = _bundle.IndexOf(item.Id);
        var list = await ListAsync(user);
        lock (_view)
        {
            Judge(shopper, index, item.Id, list);
            if (shopper == 0)
            {
                _watchedClicks.Enqueue(item);
                if (_watchedClicks.Count > Remembered)
                {
                    _watchedClicks.Dequeue();
                }
            }
        }
        var id = $"live-{_run}-{_clicks++:D9}";
        _reader.Expect(user, id, due);
        _producer.Publish(
            new ClickEvent(id, user, item.Id, "click", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())
        );
    }

    private void Judge(int shopper, int index, string itemId, RedisValue list)
    {
        if (_clicksOf[shopper]++ < Introduction)
        {
            _popularity.Learn(shopper, index);
            _markov.Learn(shopper, index);
            return;
        }
        _popularity.Judge(shopper, index);
        _markov.Judge(shopper, index);
        var place = list.HasValue ? PublishedList.Parse((byte[])list!).Items.Take(Judged).ToList().IndexOf(itemId) : -1;
        _model.Add(place < 0 ? RankingMetrics.Miss : place + 1, shopper);
    }
}
