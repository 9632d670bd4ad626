using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Stores;
using StreamRec.Serving.Probes;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Registry;

/// <summary>A bundle that cannot be served is refused, by its file and the reason, before it is live.</summary>
public sealed class BrokenBundleTests : IDisposable
{
    // Of a bundle's window of 50.
    private const int Kept = 99;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-broken-");

    public static TheoryData<string> Kinds { get; } = [.. BrokenBundles.All];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_broken_bundle_is_refused_by_who_pushes_it_and_by_every_worker(string kind)
    {
        var bundle = Written();
        var says = BrokenBundles.Break(kind, bundle);
        var manifest = Path.Combine(bundle, BundleFiles.Manifest);
        var digest = BundleDigest.Of(File.ReadAllBytes(manifest));
        // As if it had been pushed by another version: push refuses it.
        Directory.CreateDirectory(At("registry/sha256"));
        Directory.Move(bundle, At($"registry/sha256/{digest}"));
        var registry = new BundleRegistry(new DirectoryStore(At("registry")));
        var loader = new ModelLoader(new WorkOptions(), Kept);
        var source = new ModelSource(new BundleCache(At("cache"), registry, TimeProvider.System), loader);

        var pushed = Assert.Throws<StreamRecException>(() =>
            loader.LoadTried(At($"registry/sha256/{digest}"), 1L << 32)
        );
        var loaded = await Assert.ThrowsAsync<StreamRecException>(() => source.LoadAsync(digest, default));

        Assert.Contains(says, pushed.Message);
        Assert.Contains(says, loaded.Message);
        Assert.Equal(source.Sessions.Made, source.Sessions.Ended);
    }

    [Fact]
    public async Task A_bundle_that_vanishes_while_it_is_copied_is_refused_and_leaves_no_copy()
    {
        var bundle = Written();
        var digest = BundleDigest.Of(File.ReadAllBytes(Path.Combine(bundle, BundleFiles.Manifest)));
        Directory.CreateDirectory(At("registry/sha256"));
        Directory.Move(bundle, At($"registry/sha256/{digest}"));
        File.Delete(At($"registry/sha256/{digest}/{BundleFiles.Items}"));
        var registry = new BundleRegistry(new DirectoryStore(At("registry")));
        var cache = new BundleCache(At("cache"), registry, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<StreamRecException>(() => cache.FetchAsync(digest, default));

        Assert.Contains(BundleFiles.Items, refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("cache/copies")));
    }

    [Fact]
    public void A_probe_beside_the_bundle_that_is_larger_than_it_can_be_is_refused_unread()
    {
        var bundle = Written();
        using (var file = File.Create(Path.Combine(bundle, BundleFiles.Probe)))
        {
            file.SetLength((64 << 20) + 1);
        }
        var refused = Assert.Throws<StreamRecException>(() =>
            new ModelLoader(new WorkOptions(), Kept).LoadTried(bundle, 1L << 32)
        );

        Assert.Contains("are more than the 67108864", refused.Message);
    }

    [Fact]
    public void A_model_that_needs_more_memory_than_there_is_is_refused_with_both_numbers()
    {
        var manifest = Bundle.Load(Written()).Manifest with { Items = 1_000_000, Dimension = 64 };

        Assert.Null(MemoryNeed.Fault(manifest, 4L << 30));
        var fault = MemoryNeed.Fault(manifest, 1L << 30)!;

        Assert.Contains($"{(MemoryNeed.Of(manifest) + (1 << 20) - 1) >> 20} MiB", fault);
        Assert.Contains("1024 MiB are left", fault);
    }

    [Fact]
    public void A_probe_holds_where_it_was_made_and_its_numbers_are_those_of_the_model()
    {
        using var model = new ModelLoader(new WorkOptions()).Load(Written());
        var probe = ProbeRun.Make(model.Model);

        ProbeRun.Require(model.Model, probe);

        Assert.Equal(ModelProbe.Cases, probe.Sequences.Count);
        var one = probe.Sequences[0];
        // The mean of the items seen; the scores are by hand.
        Assert.Equal(new[] { 1 }, one.Items);
        Assert.Equal(new[] { 1f, 2f }, one.User);
        Assert.Equal(new[] { 3, 2, 1 }, one.Top);
        Assert.Equal(new[] { 17f, 11f, 5f }, one.Scores);
    }

    [Theory]
    [InlineData(3, 2, 1, 17f, 11f, 5.00004f, true)]
    [InlineData(3, 2, 1, 17f, 11f, 5.1f, false)]
    [InlineData(3, 1, 2, 17f, 11f, 5f, false)]
    [InlineData(3, 1, 2, 17f, 11f, 11.00005f, false)]
    public void A_list_may_differ_by_ties_alone(int first, int second, int third, float a, float b, float c, bool holds)
    {
        using var model = new ModelLoader(new WorkOptions()).Load(Written());
        var probe = ProbeRun.Make(model.Model);
        var one = probe.Sequences[0] with { Top = [first, second, third], Scores = [a, b, c] };
        var other = probe with { Sequences = [one] };

        if (holds)
        {
            ProbeRun.Require(model.Model, other);
        }
        else
        {
            Assert.Contains(
                BundleFiles.Probe,
                Assert.Throws<StreamRecException>(() => ProbeRun.Require(model.Model, other)).Message
            );
        }
    }

    [Theory]
    [InlineData("", "", "--bundle is missing: give a directory made by `streamrec train`, or by --registry")]
    [InlineData("model", "/models", "--bundle and --registry are both given")]
    public void A_worker_has_its_models_from_one_place(string bundle, string registry, string says)
    {
        var options = new WorkOptions
        {
            Bundle = bundle,
            Registry = registry,
            Topic = "clicks",
            Group = "g",
        };

        Assert.StartsWith(says, Assert.Throws<StreamRecException>(options.Validate).Message);
        (options.Bundle, options.Registry, options.RegistryCache) = ("", "/models", "/copies");
        options.Validate();
        (options.Bundle, options.Registry) = ("model", "");
        Assert.StartsWith("RegistryCache is given", Assert.Throws<StreamRecException>(options.Validate).Message);
    }

    // A bundle with its probe beside it.
    private string Written()
    {
        var directory = MeanBundle.Write(At("model"));
        using var model = new ModelLoader(new WorkOptions()).Load(directory);
        File.WriteAllBytes(Path.Combine(directory, BundleFiles.Probe), ProbeRun.Make(model.Model).ToJson());
        return directory;
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
