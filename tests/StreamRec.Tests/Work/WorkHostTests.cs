using Microsoft.Extensions.Configuration;
using StreamRec.Work;

namespace StreamRec.Tests.Work;

public sealed class WorkHostTests
{
    /// <summary>A watch covers the whole tree below the working directory: a database that writes there would cost the worker a thread.</summary>
    [Fact]
    public void NoFileIsWatched()
    {
        IConfigurationBuilder configuration = WorkHost.Begin().Configuration;

        var files = configuration.Sources.OfType<FileConfigurationSource>().ToArray();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
    }
}
