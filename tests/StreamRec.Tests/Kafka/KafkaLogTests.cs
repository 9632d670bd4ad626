using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamRec.Kafka;
using StreamRec.Tests.Hosting;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Kafka;

public sealed class KafkaLogTests
{
    private readonly HandClock _clock = new();
    private readonly KeptLog _log = new();

    [Theory]
    [InlineData(SyslogLevel.Critical, LogLevel.Critical)]
    [InlineData(SyslogLevel.Error, LogLevel.Error)]
    [InlineData(SyslogLevel.Warning, LogLevel.Warning)]
    [InlineData(SyslogLevel.Notice, LogLevel.Information)]
    [InlineData(SyslogLevel.Debug, LogLevel.Debug)]
    public void A_line_stands_in_the_log_at_its_own_level(SyslogLevel level, LogLevel expected)
    {
        KafkaLog.To(_log, [], _clock).Write(new LogMessage("c", level, "FAIL", "[thrd:main]: broken"));

        Assert.Equal(
            (expected, "Kafka's client: FAIL [thrd:main]: broken"),
            (_log.Lines.Single().Level, _log.Lines.Single().Text)
        );
    }

    /// <summary>One table of settings serves both: nobody can mend this line, and the demo began with it.</summary>
    [Fact]
    public void A_setting_of_consumers_is_no_warning_of_a_producer()
    {
        var log = KafkaLog.To(_log, [], _clock);

        log.Write(
            new LogMessage(
                "producer-1",
                SyslogLevel.Warning,
                "CONFWARN",
                "[thrd:app]: Configuration property fetch.wait.max.ms is a consumer property and will be ignored by "
                    + "this producer instance"
            )
        );
        log.Write(new LogMessage("c", SyslogLevel.Warning, "CONFWARN", "[thrd:app]: sasl.mechanism set but not used"));

        Assert.Equal([LogLevel.Debug, LogLevel.Warning], _log.Lines.Select(line => line.Level));
    }

    [Fact]
    public void Of_each_kind_there_is_a_line_a_minute_that_counts_the_others()
    {
        var log = KafkaLog.To(_log, [], _clock);
        for (var second = 0; second < 70; second++)
        {
            log.Write(new LogMessage("c", SyslogLevel.Error, "FAIL", "broken"));
            _clock.Advance(1);
        }
        log.Write(new LogMessage("c", SyslogLevel.Warning, "FAIL", "another level"));
        log.Write(new LogMessage("c", SyslogLevel.Error, "SESSTMOUT", "another facility"));

        Assert.Equal(
            [
                "FAIL broken",
                "FAIL broken (59 more of this kind since the last)",
                "FAIL another level",
                "SESSTMOUT another facility",
            ],
            _log.Lines.Select(line => line.Text["Kafka's client: ".Length..])
        );
    }

    /// <summary>Kafka:debug can make the client quote its own settings.</summary>
    [Fact]
    public void No_secret_of_the_settings_is_told_and_debugging_is_whole()
    {
        var settings = new KafkaSettings(
            "k:1",
            new Dictionary<string, string> { ["sasl.password"] = "hunter2", ["sasl.username"] = "joe" }
        ).LogTo(_log, _clock);

        settings.Log.Write(
            new LogMessage("c", SyslogLevel.Debug, "CONF", "sasl.password = hunter2, sasl.username = joe")
        );
        settings.Log.Write(new LogMessage("c", SyslogLevel.Debug, "CONF", "again hunter2"));

        Assert.Equal(
            ["CONF sasl.password = ***, sasl.username = joe", "CONF again ***"],
            _log.Lines.Select(line => line.Text["Kafka's client: ".Length..])
        );
    }
}
