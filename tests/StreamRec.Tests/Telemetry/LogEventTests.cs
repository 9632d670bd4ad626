using System.Reflection;
using Microsoft.Extensions.Logging;
using StreamRec.Telemetry;

namespace StreamRec.Tests.Telemetry;

/// <summary>Who filters the log by event id finds each on the page, and no two are the same.</summary>
public sealed class LogEventTests
{
    [Fact]
    public void Every_line_of_the_log_has_an_id_of_its_own_and_its_place_on_the_page()
    {
        var ids = typeof(WorkReport)
            .Assembly.GetTypes()
            .SelectMany(type =>
                type.GetMethods(
                    BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
                )
            )
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToArray();
        var page = WorkMetricsTests.Page();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Contains($"\n| {id} |", page));
    }
}
