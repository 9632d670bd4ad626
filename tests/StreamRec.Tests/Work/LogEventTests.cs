using System.Reflection;
using Microsoft.Extensions.Logging;
using StreamRec.Work;

namespace StreamRec.Tests.Work;

/// <summary>Who filters the log by event id finds each on the page, and no two are the same.</summary>
public sealed class LogEventTests
{
    [Fact]
    public void EveryLineOfTheLogHasAnIdOfItsOwnAndItsPlaceOnThePage()
    {
        var ids = typeof(WorkReport).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId).OfType<int>().ToArray();
        var page = WorkMetricsTests.Page();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Contains($"\n| {id} |", page));
    }
}
