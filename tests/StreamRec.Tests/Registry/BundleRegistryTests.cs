using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Redis.Connection;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Stores;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Registry;

/// <summary>Bundles in a directory and in Redis, by one contract.</summary>
public sealed class BundleRegistryTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-registry-");
    private readonly EmbeddedStore _store = EmbeddedStore.Start();
    private ConnectionMultiplexer _redis = null!;

    public async Task InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(_store.Address);

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        _store.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("redis:")]
    public async Task What_was_pushed_is_found_by_its_ids_and_copied_whole(string kind)
    {
        var registry = Open(kind);
        var (one, two) = (
            MeanBundle.Write(At("one")),
            MeanBundle.Write(At("two"), excludeSeen: true, halfLifeMs: 1000)
        );
        var (first, second) = (await PushAsync(registry, one), await PushAsync(registry, two));
        Assert.NotEqual(first.Digest, second.Digest);
        Assert.True(first.IsNew && second.IsNew);

        Assert.False((await PushAsync(registry, one)).IsNew);

        Assert.Equal(2, (await registry.ListAsync(default)).Count);
        var manifest = Bundle.Load(two).Manifest;
        foreach (var id in new[] { second.Digest, second.Digest[..6], manifest.ModelId })
        {
            var found = await registry.FindAsync(id, default);
            Assert.Equal((second.Digest, manifest.ModelId), (found.Digest, found.ModelId));
            Assert.Equal(Bytes(two), found.Stored.Bytes);
        }
        var copy = Directory.CreateDirectory(At("copy")).FullName;
        await registry.CopyAsync(second.Digest, copy, default);
        foreach (var file in Directory.EnumerateFiles(two))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(copy, Path.GetFileName(file))));
        }
        await registry.DeleteAsync(second.Digest, default);

        Assert.Equal(first.Digest, Assert.Single(await registry.ListAsync(default)).Digest);
        var gone = await Assert.ThrowsAsync<StreamRecException>(() => registry.FindAsync(second.Digest, default));
        Assert.Contains("models list", gone.Message);
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("redis:")]
    public async Task A_model_id_is_not_given_to_another_content(string kind)
    {
        var registry = Open(kind);
        var one = MeanBundle.Write(At("one"));
        await PushAsync(registry, one);
        var path = Path.Combine(one, BundleFiles.Manifest);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"window\": 50", "\"window\": 40"));

        var refused = await Assert.ThrowsAsync<StreamRecException>(() => PushAsync(registry, one));

        Assert.Contains("is taken by bundle", refused.Message);
        Assert.Single(await registry.ListAsync(default));
    }

    /// <summary>What lists do by default is no part of what makes them: they name it beside the model.</summary>
    [Fact]
    public async Task A_model_may_have_two_manifests_and_its_id_is_then_not_enough()
    {
        var registry = Open("directory");
        var one = await PushAsync(registry, MeanBundle.Write(At("one"), excludeSeen: false));
        var two = await PushAsync(registry, MeanBundle.Write(At("two"), excludeSeen: true));

        var id = (await registry.FindAsync(one.Digest, default)).ModelId;
        var refused = await Assert.ThrowsAsync<StreamRecException>(() => registry.FindAsync(id, default));

        Assert.Contains(one.Digest[..12], refused.Message);
        Assert.Contains(two.Digest[..12], refused.Message);
    }

    [Fact]
    public async Task A_push_that_broke_off_is_no_bundle_and_is_completed_by_the_next()
    {
        var registry = Open("directory");
        var one = MeanBundle.Write(At("one"));
        var (digest, _) = await PushAsync(registry, one);
        var there = Path.Combine(At("registry"), "sha256", digest);
        File.Delete(Path.Combine(there, BundleFiles.Manifest));
        File.WriteAllText(Path.Combine(there, BundleFiles.Vectors), "half");
        Assert.Empty(await registry.ListAsync(default));

        Assert.True((await PushAsync(registry, one)).IsNew);

        var copy = Directory.CreateDirectory(At("copy")).FullName;
        await registry.CopyAsync(digest, copy, default);
        Assert.Equal(3, Bundle.Load(copy).Manifest.Items);
    }

    [Fact]
    public async Task A_bundle_whose_manifest_was_changed_is_none()
    {
        var root = Path.Combine(At("registry"), "sha256");
        var one = MeanBundle.Write(At("one"));
        var digest = (await PushAsync(Open("directory"), one)).Digest;
        var twin = digest[..12] + new string('0', 52);
        Copy(Path.Combine(root, digest), Path.Combine(root, twin));

        Assert.Equal(digest, (await Open("directory").FindAsync(digest[..6], default)).Digest);
        var refused = await Assert.ThrowsAsync<StreamRecException>(() =>
            Open("directory").CopyAsync(twin, At("copy"), default)
        );
        Assert.Contains("is another than was pushed", refused.Message);
    }

    [Fact]
    public async Task A_copy_that_was_changed_is_made_anew()
    {
        var registry = Open("directory");
        var (digest, _) = await PushAsync(registry, MeanBundle.Write(At("one")));
        var cache = new BundleCache(At("cache"), registry, TimeProvider.System);
        var (copy, isNew) = await cache.FetchAsync(digest, default);
        Assert.True(isNew);
        Assert.False((await cache.FetchAsync(digest, default)).IsNew);

        File.AppendAllText(Path.Combine(copy, BundleFiles.Manifest), " ");

        Assert.True((await cache.FetchAsync(digest, default)).IsNew);
        Assert.Equal(3, Bundle.Load(copy).Manifest.Items);
    }

    [Fact]
    public async Task Only_copies_of_bundles_are_ever_deleted_from_where_copies_lie()
    {
        var registry = Open("directory");
        var (digest, _) = await PushAsync(registry, MeanBundle.Write(At("one")));
        string[] others = [At("cache/photos"), At("cache/copies/photos"), At($"cache/{new string('a', 64)}")];
        string[] old = [.. "0123456789".Select(digit => At($"cache/copies/{new string(digit, 64)}"))];
        var brokenOff = At($"cache/copies/.{digest}.0.tmp");
        foreach (var directory in (string[])[.. others, .. old, brokenOff])
        {
            Directory.CreateDirectory(directory);
            Directory.SetLastWriteTimeUtc(directory, DateTime.UnixEpoch);
        }
        var (copy, _) = await new BundleCache(At("cache"), registry, TimeProvider.System).FetchAsync(digest, default);

        Assert.All(others, directory => Assert.True(Directory.Exists(directory), directory));
        Assert.Equal(4, old.Count(Directory.Exists));
        Assert.True(Directory.Exists(copy));
        Assert.False(Directory.Exists(brokenOff));
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("registry/sha256")]
    [InlineData("registry/../registry/cache")]
    public void Copies_do_not_lie_within_the_registry(string cache)
    {
        var refused = Assert.Throws<StreamRecException>(() =>
            new BundleCache(At(cache), Open("directory"), TimeProvider.System)
        );

        Assert.Equal(FaultKind.Usage, refused.Kind);
        Assert.Contains("RegistryCache", refused.Message);
    }

    /// <summary>It broke off before the bundle was listed, or a piece is lost.</summary>
    [Theory]
    [InlineData("p:{models}:bundles")]
    [InlineData("p:{models}:chunk:DIGEST:0:vectors.f32")]
    [InlineData("p:{models}:chunk:DIGEST:0:manifest.json")]
    public async Task What_lacks_in_Redis_is_completed_by_the_same_push(string lost)
    {
        var registry = Open("redis:");
        var one = MeanBundle.Write(At("one"));
        var (digest, _) = await PushAsync(registry, one);
        Assert.True(await _redis.GetDatabase().KeyDeleteAsync(lost.Replace("DIGEST", digest)));

        await PushAsync(registry, one);

        Assert.Equal(digest, Assert.Single(await registry.ListAsync(default)).Digest);
        var copy = Directory.CreateDirectory(At("copy")).FullName;
        await registry.CopyAsync(digest, copy, default);
        Assert.Equal(3, Bundle.Load(copy).Manifest.Items);
    }

    [Fact]
    public async Task A_copy_that_is_as_it_was_pushed_stays_whatever_is_wrong_with_it()
    {
        var registry = Open("directory");
        var one = MeanBundle.Write(At("one"));
        BrokenBundles.Break("no number", one);
        var (digest, _) = await PushAsync(registry, one);
        var source = new ModelSource(
            new BundleCache(At("cache"), registry, TimeProvider.System),
            new ModelLoader(new WorkOptions())
        );

        await Assert.ThrowsAsync<StreamRecException>(() => source.LoadAsync(digest, default));

        Assert.True(File.Exists(At($"cache/copies/{digest}/manifest.json")));
    }

    [Fact]
    public async Task A_copy_with_a_file_that_was_changed_is_loaded_from_a_new_one()
    {
        var registry = Open("directory");
        var (digest, _) = await PushAsync(registry, MeanBundle.Write(At("one")));
        var cache = new BundleCache(At("cache"), registry, TimeProvider.System);
        var (copy, _) = await cache.FetchAsync(digest, default);
        File.AppendAllText(Path.Combine(copy, BundleFiles.Vectors), "more");

        using var loaded = await new ModelSource(cache, new ModelLoader(new WorkOptions())).LoadAsync(digest, default);

        Assert.Equal(3, loaded.Manifest.Items);
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis:other")]
    [InlineData("s3://bucket/prefix")]
    public void A_place_that_is_none_is_refused_by_name(string place)
    {
        var refused = Assert.Throws<StreamRecException>(() => Open(place));

        Assert.Equal(FaultKind.Usage, refused.Kind);
        Assert.Contains("--registry", refused.Message);
    }

    private BundleRegistry Open(string kind) =>
        BundleRegistry.Open(
            kind == "directory" ? At("registry") : kind,
            _redis.GetDatabase(),
            "p",
            new RedisSettings(_store.Address)
        );

    private static Task<(string Digest, bool IsNew)> PushAsync(BundleRegistry registry, string directory)
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        return registry.PushAsync(directory, Bundle.ParseManifest(File.ReadAllBytes(path), path), null, default);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static long Bytes(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles().Sum(file => file.Length);

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
