using System.Security.Cryptography;
using StreamRec.Events;
using StreamRec.Models;

namespace StreamRec.Registry.Stores;

/// <summary>
/// Bundles that were copied from a registry to where nobody but workers of this machine's user writes: what is loaded
/// is the copy.
/// </summary>
internal sealed class BundleCache
{
    /// <summary>Copies that stay, the ones used last.</summary>
    private const int Kept = 5;

    private const string Temporary = ".tmp";

    // Another worker of this machine may be reading one.
    private static readonly TimeSpan s_least = TimeSpan.FromHours(1);

    private readonly string _root,
        _copies;
    private readonly BundleRegistry _registry;
    private readonly TimeProvider _time;

    /// <param name="root">A subdirectory of it is the cache's own; all else in it is left alone.</param>
    /// <exception cref="StreamRecException">It lies within the registry, where nothing is dropped.</exception>
    public BundleCache(string root, BundleRegistry registry, TimeProvider time)
    {
        (_root, _registry, _time) = (root, registry, time);
        _copies = Path.Combine(root, "copies");
        if (registry.Directory is { } bundles && IsWithin(root, bundles))
        {
            throw new StreamRecException(
                $"RegistryCache is '{Excerpt.Of(root)}', which lies within the registry {registry.Name}: give a "
                    + "directory of this machine for the worker's own copies.",
                FaultKind.Usage
            );
        }
    }

    /// <summary>Where copies lie unless told otherwise.</summary>
    public static string DefaultRoot =>
        Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            )
                is { Length: > 0 } own
                ? own
                : Path.GetTempPath(),
            "streamrec",
            "bundles"
        );

    /// <summary>Copies a bundle, unless a copy is there.</summary>
    /// <returns>Its directory, and whether it was copied now.</returns>
    /// <exception cref="StreamRecException">The bundle is not there, not whole, or cannot be copied.</exception>
    public async Task<(string Directory, bool IsNew)> FetchAsync(string digest, CancellationToken cancel)
    {
        var directory = Path.Combine(_copies, digest);
        try
        {
            var isNew = !IsWhole(directory, digest);
            if (isNew)
            {
                await CopyAsync(digest, directory, cancel);
            }
            Directory.SetLastWriteTimeUtc(directory, _time.GetUtcNow().UtcDateTime);
            Tidy();
            return (directory, isNew);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"Bundle {digest[..BundleDigest.Short]} cannot be copied to {_root}: {fault.Message}. Give "
                    + "RegistryCache, a directory with room that the worker may write to.",
                FaultKind.Input,
                fault
            );
        }
    }

    /// <summary>A copy is not what it should be: the next one is made anew.</summary>
    public void Drop(string digest) => Delete(Path.Combine(_copies, digest));

    /// <summary>Whether a copy has every file that its manifest names, each with its SHA-256.</summary>
    public bool IsSound(string digest)
    {
        var directory = Path.Combine(_copies, digest);
        try
        {
            var manifest = Path.Combine(directory, BundleFiles.Manifest);
            return IsWhole(directory, digest)
                && Bundle
                    .ParseManifest(File.ReadAllBytes(manifest), manifest)
                    .Files.All(file => Is(Path.Combine(directory, file.Key), file.Value));
        }
        catch (IOException)
        {
            return false;
        }
        catch (StreamRecException)
        {
            // Such a manifest was pushed.
            return true;
        }
    }

    private static bool Is(string path, string sha256)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == sha256.ToLowerInvariant();
    }

    private static bool IsWithin(string path, string directory)
    {
        var from = Path.GetRelativePath(directory, path);
        return from != ".." && !from.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(from);
    }

    private static void Delete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Seen again at the next copy, which says so.
        }
    }

    private static bool IsWhole(string directory, string digest)
    {
        var manifest = Path.Combine(directory, BundleFiles.Manifest);
        return File.Exists(manifest) && BundleDigest.Of(File.ReadAllBytes(manifest)) == digest;
    }

    private async Task CopyAsync(string digest, string directory, CancellationToken cancel)
    {
        Directory.CreateDirectory(_copies);
        var temporary = Path.Combine(_copies, $".{digest}.{Guid.NewGuid():N}{Temporary}");
        Directory.CreateDirectory(temporary);
        try
        {
            await _registry.CopyAsync(digest, temporary, cancel);
            if (Directory.Exists(directory) && !IsWhole(directory, digest))
            {
                Directory.Delete(directory, recursive: true);
            }
            if (!Directory.Exists(directory))
            {
                Directory.Move(temporary, directory);
            }
        }
        catch (IOException) when (IsWhole(directory, digest))
        {
            // Another worker was faster.
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private void Tidy()
    {
        var old = _time.GetUtcNow() - s_least;
        var all = new DirectoryInfo(_copies).EnumerateDirectories().ToList();
        var left = all.Where(copy => BundleDigest.Is(copy.Name))
            .OrderByDescending(copy => copy.LastWriteTimeUtc)
            .Skip(Kept)
            .Concat(all.Where(copy => IsTemporary(copy.Name)))
            .Where(copy => copy.LastWriteTimeUtc < old);
        foreach (var copy in left)
        {
            Delete(copy.FullName);
        }
    }

    // Of a copy that broke off.
    private static bool IsTemporary(string name) =>
        name is ['.', .. var rest]
        && rest.EndsWith(Temporary, StringComparison.Ordinal)
        && rest.Length > BundleDigest.Length
        && BundleDigest.Is(rest[..BundleDigest.Length]);
}
