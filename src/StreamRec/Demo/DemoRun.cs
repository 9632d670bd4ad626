using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Hosting;
using StreamRec.Http.Page;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Probes;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Telemetry;
using StreamRec.Terminal;
using StreamRec.Training.Data;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Demo;

/// <summary>One demo: servers, a past to train on, the worker, live traffic, a summary.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    private const int PastShoppers = 2_500,
        PastClicks = 40,
        Window = 50;
    private const int ShownItems = 6;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_yesterday = TimeSpan.FromDays(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Shop _shop = new();

    /// <summary>Returns whether the lists beat the baselines.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        options.Validate();
        var directory = Directory.CreateTempSubdirectory("streamrec-demo-");
        try
        {
            using var servers = await DemoServers.StartAsync(options, cancel);
            Console.WriteLine(
                $"Kafka at {servers.Reached.Bootstrap}, topic {DemoOptions.Topic}; "
                    + $"{servers.Reached.RedisSettings()}. From another terminal:"
            );
            Console.WriteLine(
                $"  streamrec lookup shopper-0000 --watch --redis {servers.Reached.RedisSettings().Where}"
            );
            Console.WriteLine(
                $"  streamrec produce --events FILE --topic {DemoOptions.Topic} --bootstrap {servers.Reached.Bootstrap}"
            );
            var bundle = options.Bundle ?? Path.Combine(directory.FullName, "model");
            var past = ShopTraffic
                .Past(
                    _shop,
                    options.Seed,
                    PastShoppers,
                    PastClicks,
                    TimeProvider.System.GetUtcNow().Subtract(s_yesterday).ToUnixTimeMilliseconds()
                )
                .ToList();
            if (!File.Exists(Path.Combine(bundle, BundleFiles.Manifest)))
            {
                Train(past, bundle, cancel);
            }
            if (options.Part == DemoPart.Preparation)
            {
                Console.WriteLine($"Topic {DemoOptions.Topic} and bundle {bundle} are there.");
                return true;
            }
            return await ServeAsync(servers, bundle, past, cancel);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private void Train(List<ClickEvent> past, string bundle, CancellationToken cancel)
    {
        Console.WriteLine(
            $"Training on {past.Count} past clicks of {PastShoppers} shoppers on {_shop.Items.Count} items"
        );
        var model = new ModelOptions
        {
            // A number of epochs, not of minutes: a busy machine takes longer and gets the same model.
            Dimension = 48,
            Window = Window,
            Epochs = 5,
            BatchPositions = 512,
            Averaging = 0.98f,
            Seed = options.Seed,
            FilterSeen = false,
            ValidationUsers = 500,
            LearningRate = 8e-3f,
            InputDropout = 0.1f,
            OutputDropout = 0.1f,
            LabelSmoothing = 0.02f,
        };
        TrainingProgressBar
            .Show(progress => Trainer.Train(SequenceData.From(past), model, progress, cancel))
            .WriteBundle(bundle);
    }

    private async Task<bool> ServeAsync(
        DemoServers servers,
        string bundlePath,
        List<ClickEvent> past,
        CancellationToken cancel
    )
    {
        var bundle = Bundle.Load(bundlePath);
        var worker = Worker(servers, bundlePath);
        using var host = worker is null ? null : BuildHost(worker);
        var throwIfFailed = host is null ? () => { } : WorkHost.FaultOf(host);
        LiveTraffic? traffic = null;
        await using var page = host is null ? null : BuildPage(host, () => traffic);
        await (page?.StartAsync(cancel) ?? Task.CompletedTask);
        if (page is not null)
        {
            Console.WriteLine($"The worker's page: {page.Address}");
        }
        await (host?.StartAsync(cancel) ?? Task.CompletedTask);
        await using var redis = await RedisConnection.ConnectAsync(servers.Reached.RedisSettings(), cancel: cancel);
        var keys = new StoreKeys(servers.Reached.Prefix);
        var reader = new FreshnessReader(redis.GetDatabase(), keys);
        using var producer = new EventProducer(servers.Reached.KafkaSettings(), DemoOptions.Topic);
        traffic = new LiveTraffic(_shop, options.Seed, bundle, producer, redis.GetDatabase(), keys, reader);
        traffic.Learn(past);

        using var stopReading = new CancellationTokenSource();
        var reading = reader.RunAsync(stopReading.Token);
        await (host?.Services.GetRequiredService<RecommendationService>().Started ?? Task.CompletedTask);
        throwIfFailed();
        var firstList = await FirstListAsync(traffic, reader, throwIfFailed, cancel);

        var live = Stopwatch.StartNew();
        DemoSummary Describe() => Summary(bundle, traffic, reader, firstList, live.Elapsed);
        var stopped =
            host?.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping ?? CancellationToken.None;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopped);
        if (options.Seconds is { } seconds)
        {
            ending.CancelAfter(TimeSpan.FromSeconds(seconds));
        }
        var view = new DemoView(Describe, () => WatchAsync(traffic));
        await Task.WhenAll(
            traffic.RunAsync(options.Rate, ending.Token),
            view.RunAsync(!options.Json && !Console.IsOutputRedirected, ending.Token)
        );
        live.Stop();
        producer.Flush(s_settle);
        await SettleAsync(reader);
        await (host?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
        throwIfFailed();
        await stopReading.CancelAsync();
        await reading;
        return Tell(Describe());
    }

    /// <summary>The worker as `streamrec work` runs it. Null where workers elsewhere make the lists.</summary>
    private WorkOptions? Worker(DemoServers servers, string bundle)
    {
        if (options.Part == DemoPart.Traffic)
        {
            return null;
        }
        var worker = new WorkOptions
        {
            Bundle = bundle,
            Topic = DemoOptions.Topic,
            Group = DemoOptions.Group,
            Bootstrap = servers.Reached.Bootstrap,
            Kafka = servers.Reached.Kafka,
            Prefix = servers.Reached.Prefix,
            ListSize = 20,
            ExcludeSeen = "false",
            TopicIds = !servers.BrokerIsEmbedded,
            Http = options.Http,
            Playground = true,
        };
        worker.TakeRedis(servers.Reached);
        return worker;
    }

    // It tells of nothing but warnings, for the view has the screen.
    private static IHost BuildHost(WorkOptions worker)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        return WorkHost.Build(builder, worker);
    }

    private PageEndpoint BuildPage(IHost host, Func<LiveTraffic?> traffic) =>
        ActivatorUtilities.CreateInstance<PageEndpoint>(
            host.Services,
            new PageSources
            {
                Names = id => _shop.ById.GetValueOrDefault(id)?.Name,
                HitRates = () =>
                {
                    var (model, markov, popularity, cases) = traffic()?.HitRates() ?? default;
                    return new HitRates(model, markov, popularity, cases);
                },
            }
        );

    /// <summary>
    /// One click of the watched shopper, until its list is there: consumer groups take seconds to form.
    /// </summary>
    private async Task<TimeSpan> FirstListAsync(
        LiveTraffic traffic,
        FreshnessReader reader,
        Action throwIfFailed,
        CancellationToken cancel
    )
    {
        await traffic.ClickOnceAsync();
        while (reader.Waiting > 0)
        {
            cancel.ThrowIfCancellationRequested();
            throwIfFailed();
            await Task.Delay(5, cancel);
        }
        reader.Forget();
        Console.WriteLine($"First list after {_clock.Elapsed.TotalSeconds:F1} s, {traffic.Watched}'s");
        return _clock.Elapsed;
    }

    private async Task<WatchedShopper> WatchAsync(LiveTraffic traffic)
    {
        var list = await traffic.ListAsync(traffic.Watched);
        var items = list.HasValue ? PublishedList.Parse((byte[])list!).Items : [];
        return new WatchedShopper(
            traffic.Watched,
            traffic.WatchedClicks,
            [.. items.Take(ShownItems).Select(id => _shop.ById[id])]
        );
    }

    private static async Task SettleAsync(FreshnessReader reader)
    {
        var limit = Stopwatch.StartNew();
        while (reader.Waiting > 0 && limit.Elapsed < s_settle)
        {
            await Task.Delay(5);
        }
    }

    private static DemoSummary Summary(
        Bundle bundle,
        LiveTraffic traffic,
        FreshnessReader reader,
        TimeSpan firstList,
        TimeSpan live
    )
    {
        var (model, markov, popularity, cases) = traffic.HitRates();
        return new DemoSummary
        {
            ModelId = bundle.Manifest.ModelId,
            FirstListSeconds = Math.Round(firstList.TotalSeconds, 2),
            Seconds = Math.Round(live.TotalSeconds, 2),
            Events = traffic.Sent,
            EventsPerSecond = Math.Round(traffic.Sent / live.TotalSeconds, 1),
            EventsInLists = reader.Latency.Count,
            P50 = Milliseconds(reader, 0.5),
            P99 = Milliseconds(reader, 0.99),
            Cases = cases,
            HitRates = new Dictionary<string, double?>
            {
                ["model"] = Rate(model),
                ["markov"] = Rate(markov),
                ["popularity"] = Rate(popularity),
            },
        };
    }

    private static double? Rate(double rate) => double.IsNaN(rate) ? null : Math.Round(rate, 4);

    private static double Milliseconds(FreshnessReader reader, double share) =>
        reader.Latency.Count == 0 ? 0 : Math.Round(reader.Latency.Percentile(share), 2);

    private bool Tell(DemoSummary summary)
    {
        Console.WriteLine(DemoView.Line(summary));
        Console.WriteLine($"{summary.EventsInLists} of {summary.Events} clicks were seen in their shopper's list.");
        if (!summary.Better)
        {
            Console.Error.WriteLine(
                "streamrec: the lists did not beat both baselines. "
                    + "Let it run longer: a few hundred cases decide nothing."
            );
        }
        if (options.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(summary));
        }
        return summary.Better;
    }
}
