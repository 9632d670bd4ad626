using System.Security.Cryptography;
using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Redis.Connection;

namespace StreamRec.Registry.Stores;

/// <summary>Bundles that were pushed, each once and whole.</summary>
internal sealed class BundleRegistry(IBundleStore store)
{
    private const string InRedis = "redis:",
        InS3 = "s3:";

    public string Name => store.Name;

    /// <summary>Where it lies; null: in no directory.</summary>
    public string? Directory => store.Directory;

    /// <param name="place">A directory, or <c>redis:</c>.</param>
    /// <exception cref="StreamRecException">It is no place that this version knows.</exception>
    public static BundleRegistry Open(string place, IDatabase redis, string prefix, RedisSettings server) =>
        place switch
        {
            "" => throw new StreamRecException(
                "--registry is missing: give the directory where bundles are pushed to, or redis: for small ones.",
                FaultKind.Usage
            ),
            InRedis => new(new RedisBundleStore(redis, new ModelKeys(prefix), server)),
            _ when place.StartsWith(InRedis, StringComparison.Ordinal) => throw new StreamRecException(
                $"--registry is '{Excerpt.Of(place)}': write redis: alone, which is the Redis of --redis.",
                FaultKind.Usage
            ),
            _ when place.StartsWith(InS3, StringComparison.Ordinal) => throw new StreamRecException(
                $"--registry is '{Excerpt.Of(place)}': this version keeps bundles in a directory or in Redis. Mount "
                    + "the bucket, and give its directory.",
                FaultKind.Usage
            ),
            _ => new(new DirectoryStore(place)),
        };

    /// <summary>All bundles, the newest first; those that this version cannot read are left out.</summary>
    public async Task<IReadOnlyList<RegisteredBundle>> ListAsync(CancellationToken cancel)
    {
        var found = new List<RegisteredBundle>();
        foreach (var bundle in await store.ListAsync(cancel))
        {
            if (await ManifestAsync(bundle.Digest, cancel) is { } manifest)
            {
                found.Add(new(bundle, manifest));
            }
        }
        return [.. found.OrderByDescending(bundle => bundle.Stored.Pushed).ThenBy(bundle => bundle.Digest)];
    }

    /// <param name="id">A digest, the first of its digits, or the id of a model.</param>
    /// <exception cref="StreamRecException">None is meant, or several are.</exception>
    public async Task<RegisteredBundle> FindAsync(string id, CancellationToken cancel)
    {
        var all = await ListAsync(cancel);
        RegisteredBundle[] meant =
        [
            .. all.Where(bundle =>
                bundle.ModelId == id
                || (
                    id.Length >= BundleDigest.LeastPrefix
                    && BundleDigest.IsHex(id)
                    && bundle.Digest.StartsWith(id, StringComparison.Ordinal)
                )
            ),
        ];
        return meant switch
        {
            [var one] => one,
            [] => throw new StreamRecException(
                $"No bundle of the registry {Name} is '{Excerpt.Of(id)}': give the model's id, or "
                    + $"{BundleDigest.LeastPrefix} and more of its digest's digits. `streamrec models list` has them.",
                FaultKind.Input
            ),
            _ => throw new StreamRecException(
                $"'{Excerpt.Of(id)}' is more than one bundle of the registry {Name}: "
                    + $"{string.Join(", ", meant.Select(bundle => bundle.Stored.Short))}. Give more digits.",
                FaultKind.Input
            ),
        };
    }

    /// <summary>Puts a bundle in that was tried; one that is there stays as it is.</summary>
    /// <param name="probe">Beside the bundle where it brings none.</param>
    /// <returns>Its digest, and whether it is new.</returns>
    /// <exception cref="StreamRecException">Its model's id belongs to another bundle.</exception>
    public async Task<(string Digest, bool IsNew)> PushAsync(
        string directory,
        BundleManifest manifest,
        ModelProbe? probe,
        CancellationToken cancel
    )
    {
        var path = Path.Combine(directory, BundleFiles.Manifest);
        var digest = BundleDigest.Of(await File.ReadAllBytesAsync(path, cancel));
        var all = await ListAsync(cancel);
        var strangers = all.Where(bundle => bundle.ModelId == manifest.ModelId && !IsSame(bundle.Manifest, manifest));
        if (strangers.FirstOrDefault() is { } other)
        {
            throw new StreamRecException(
                $"Model id '{Excerpt.Of(manifest.ModelId)}' is taken by bundle {other.Stored.Short} of the registry "
                    + $"{Name}, whose content is another: lists would not say which of the two made them. Give the "
                    + "bundle an id of its own, and leave this one's to the other.",
                FaultKind.Input
            );
        }
        foreach (var (file, sha256) in manifest.Files)
        {
            await store.PutAsync(digest, file, Path.Combine(directory, file), sha256.ToLowerInvariant(), cancel);
        }
        if (probe is not null && await store.ReadAsync(digest, BundleFiles.Probe, cancel) is null)
        {
            await PutAsync(digest, BundleFiles.Probe, probe.ToJson(), cancel);
        }
        await store.PutAsync(digest, BundleFiles.Manifest, path, digest, cancel);
        return (digest, all.All(bundle => bundle.Digest != digest));
    }

    /// <summary>What a bundle's manifest says; null where it is not there, or this version cannot read it.</summary>
    public async Task<BundleManifest?> ManifestAsync(string digest, CancellationToken cancel)
    {
        try
        {
            return
                await store.ReadAsync(digest, BundleFiles.Manifest, cancel) is { } json
                && BundleDigest.Of(json) == digest
                ? Bundle.ParseManifest(json, BundleFiles.Manifest)
                : null;
        }
        catch (StreamRecException fault) when (fault.Kind == FaultKind.Input)
        {
            return null;
        }
    }

    /// <summary>Copies a bundle out, with the probe beside it.</summary>
    /// <exception cref="StreamRecException">It is not there, or not whole.</exception>
    public async Task CopyAsync(string digest, string to, CancellationToken cancel)
    {
        var json =
            await store.ReadAsync(digest, BundleFiles.Manifest, cancel)
            ?? throw new StreamRecException(
                $"Bundle {digest[..BundleDigest.Short]} is not in the registry {Name}: push it again, or promote "
                    + "another.",
                FaultKind.Input
            );
        if (BundleDigest.Of(json) != digest)
        {
            throw new StreamRecException(
                $"{BundleFiles.Manifest} of bundle {digest[..BundleDigest.Short]} is another than was pushed to the "
                    + $"registry {Name}: its SHA-256 is {BundleDigest.Of(json)}. Push the bundle again.",
                FaultKind.Input
            );
        }
        var manifest = Bundle.ParseManifest(json, Path.Combine(to, BundleFiles.Manifest));
        foreach (var file in manifest.Files.Keys)
        {
            if (Path.GetFileName(file) != file || file.Length == 0 || file == BundleFiles.Manifest)
            {
                throw new StreamRecException(
                    $"Bundle {digest[..BundleDigest.Short]} names a file '{Excerpt.Of(file)}' that is not in its "
                        + "directory.",
                    FaultKind.Input
                );
            }
            await store.CopyAsync(digest, file, Path.Combine(to, file), cancel);
        }
        if (
            !manifest.Files.ContainsKey(BundleFiles.Probe)
            && await store.ReadAsync(digest, BundleFiles.Probe, cancel) is { } probe
        )
        {
            await File.WriteAllBytesAsync(Path.Combine(to, BundleFiles.Probe), probe, cancel);
        }
        await File.WriteAllBytesAsync(Path.Combine(to, BundleFiles.Manifest), json, cancel);
    }

    public Task DeleteAsync(string digest, CancellationToken cancel) => store.DeleteAsync(digest, cancel);

    // All that makes a list: what lists do by default stands in the options that they name.
    private static bool IsSame(BundleManifest one, BundleManifest other) =>
        (one.Dimension, one.Window, one.Items, one.Reranker?.Candidates)
            == (other.Dimension, other.Window, other.Items, other.Reranker?.Candidates)
        && one.Inputs.SequenceEqual(other.Inputs)
        && (one.Reranker?.Features ?? []).SequenceEqual(other.Reranker?.Features ?? [])
        && one.Files.OrderBy(file => file.Key, StringComparer.Ordinal)
            .SequenceEqual(other.Files.OrderBy(file => file.Key, StringComparer.Ordinal));

    private async Task PutAsync(string digest, string file, byte[] bytes, CancellationToken cancel)
    {
        var temporary = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(temporary, bytes, cancel);
            await store.PutAsync(digest, file, temporary, Convert.ToHexStringLower(SHA256.HashData(bytes)), cancel);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
