using StreamRec.Models;

namespace StreamRec.Registry.Stores;

/// <summary>
/// Bundles that were copied from a registry to where nobody but workers of this machine's user writes: what is loaded
/// is the copy.
/// </summary>
internal sealed class BundleCache(string root, BundleRegistry registry, TimeProvider time)
{
    /// <summary>Copies that stay, the ones used last.</summary>
    private const int Kept = 5;

    // Another worker of this machine may be reading one.
    private static readonly TimeSpan s_least = TimeSpan.FromHours(1);

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
        var directory = Path.Combine(root, digest);
        try
        {
            var isNew = !IsWhole(directory, digest);
            if (isNew)
            {
                await CopyAsync(digest, directory, cancel);
            }
            Directory.SetLastWriteTimeUtc(directory, time.GetUtcNow().UtcDateTime);
            Tidy();
            return (directory, isNew);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"Bundle {digest[..BundleDigest.Short]} cannot be copied to {root}: {fault.Message}. Give "
                    + "RegistryCache, a directory with room that the worker may write to.",
                FaultKind.Input,
                fault
            );
        }
    }

    /// <summary>A copy is not what it should be: the next one is made anew.</summary>
    public void Drop(string digest)
    {
        var directory = Path.Combine(root, digest);
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
        Directory.CreateDirectory(root);
        var temporary = Path.Combine(root, $".{digest}.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            await registry.CopyAsync(digest, temporary, cancel);
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
        var old = time.GetUtcNow() - s_least;
        var left = new DirectoryInfo(root)
            .EnumerateDirectories()
            .OrderByDescending(copy => copy.LastWriteTimeUtc)
            .Skip(Kept)
            .Where(copy => copy.LastWriteTimeUtc < old);
        foreach (var copy in left)
        {
            Drop(copy.Name);
        }
    }
}
