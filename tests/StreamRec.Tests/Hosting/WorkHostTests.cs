using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using StreamRec.Hosting;
using StreamRec.Telemetry;

namespace StreamRec.Tests.Hosting;

public sealed class WorkHostTests
{
    /// <summary>
    /// A watch covers the whole tree below the working directory: a database that writes there would cost the worker a
    /// thread.
    /// </summary>
    [Fact]
    public void No_file_is_watched()
    {
        IConfigurationBuilder configuration = WorkHost.Begin().Configuration;

        var files = configuration.Sources.OfType<FileConfigurationSource>().ToArray();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
    }

    [Theory]
    [InlineData(null, "simple")]
    [InlineData("json", "json")]
    [InlineData("systemd", "systemd")]
    public void The_log_takes_the_form_that_dotnets_own_setting_says(string? given, string form)
    {
        var builder = WorkHost.Begin();
        builder.Configuration["Logging:Console:FormatterName"] = given;

        WorkLog.Configure(builder);
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(
            form,
            services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName ?? "simple"
        );
        Assert.True(services.GetRequiredService<IOptions<SimpleConsoleFormatterOptions>>().Value.SingleLine);
    }

    [Theory]
    [InlineData("Logging:Console:FormatterName", "jsn", "Did you mean json?")]
    [InlineData("Logging:LogLevel:Default", "verbose", "Logging__LogLevel__Default")]
    public void A_setting_of_the_log_that_is_none_is_named(string setting, string value, string named)
    {
        var builder = WorkHost.Begin();
        builder.Configuration[setting] = value;

        Assert.Contains(named, Assert.Throws<StreamRecException>(() => WorkLog.Configure(builder)).Message);
    }
}
