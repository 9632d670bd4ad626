using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Catalogue;
using StreamRec.Hosting.Parts;
using StreamRec.Options;
using StreamRec.Registry.Loading;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Tests.Hosting;

public sealed class ModelPartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-model-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("a", true, true)]
    [InlineData("a", false, false)]
    [InlineData("other", true, false)]
    public void A_model_of_which_the_catalogue_lists_nothing_is_named(string item, bool available, bool serves)
    {
        using var metrics = new WorkMetrics(new StatusBoard("clicks", "g", TimeProvider.System), TimeProvider.System);
        var options = new WorkOptions();
        var loader = new ModelLoader(options);
        using var model = new ModelPart(
            loader.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "one"))),
            1,
            options,
            metrics,
            TimeProvider.System,
            NullLogger.Instance
        );
        using var next = loader.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "next")));
        Assert.Null(model.FaultOf(next));

        model.Catalogue = new CatalogueView(
            new("items", 9),
            new EligibleItems(new Dictionary<string, Availability> { [item] = new(available) })
        );

        var fault = model.FaultOf(next);
        Assert.Equal(serves, fault is null);
        Assert.True(serves || fault!.Contains(next.Manifest.ModelId, StringComparison.Ordinal));
    }
}
