using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Hosting;
using StreamRec.Options;

namespace StreamRec.Tests.Hosting;

/// <summary>The real worker on embedded servers writes the lists that its bundle was trained for.</summary>
public sealed class BundleRulesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-rules-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly EmbeddedStore _store = EmbeddedStore.Start();

    public void Dispose()
    {
        _store.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false, "", "c,b,a")]
    [InlineData(true, "", "c,b")]
    [InlineData(null, "", "c,b")]
    [InlineData(false, "true", "c,b")]
    [InlineData(false, "types:click", "c,b")]
    [InlineData(true, "types:purchase", "c,b,a")]
    public async Task A_list_holds_seen_items_as_the_bundle_says_unless_the_worker_is_told_otherwise(
        bool? bundle,
        string worker,
        string expected
    )
    {
        var toBroker = new ProducerConfig
        {
            BootstrapServers = _broker.Address,
            Partitioner = Partitioner.Murmur2Random,
        };
        using (var producer = new ProducerBuilder<string, string>(toBroker).Build())
        {
            const string Click = "{\"event_id\":\"e\",\"user_id\":\"u\",\"item_id\":\"a\",\"ts\":1767225600250}";
            await producer.ProduceAsync("clicks", new Message<string, string> { Key = "u", Value = Click });
        }
        string log = await WorkAsync(
            MeanBundle.Write(Path.Combine(_directory.FullName, "model"), bundle, null, "view"),
            worker
        );

        await using var redis = await ConnectionMultiplexer.ConnectAsync(_store.Address);
        Assert.Equal(
            expected.Split(','),
            (
                await new ListReader(redis, new ListReaderOptions { ReadTimeout = TimeSpan.FromMinutes(1) }).ReadAsync(
                    "u"
                )
            ).Items
        );
        Assert.Contains(
            "Doubtful: the bundle was trained on events of the types view, and this worker takes events of all types",
            log
        );
    }

    private async Task<string> WorkAsync(string bundle, string excludeSeen)
    {
        var log = new StringBuilder();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new Lines(log));
        using var host = WorkHost.Build(
            builder,
            new WorkOptions
            {
                Bundle = bundle,
                Topic = "clicks",
                Group = "g",
                Bootstrap = _broker.Address,
                Redis = _store.Address,
                TopicIds = false,
                UntilEnd = true,
                ExcludeSeen = excludeSeen,
            }
        );
        var fault = WorkHost.FaultOf(host);
        await host.RunAsync();
        fault();
        return log.ToString();
    }

    private sealed class Lines(StringBuilder log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (log)
            {
                log.AppendLine(formatter(state, exception));
            }
        }

        public void Dispose() { }
    }
}
