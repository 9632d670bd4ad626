using System.Security.Cryptography;
using StreamRec.Models;

namespace StreamRec.Registry.Stores;

/// <summary>Bundles in a directory, local or mounted: <c>sha256/DIGEST/FILE</c>.</summary>
internal sealed class DirectoryStore(string root) : IBundleStore
{
    private const int CopyBytes = 128 << 10;

    private readonly string _bundles = Path.Combine(Path.GetFullPath(root), "sha256");

    public string Name => root;

    string IBundleStore.Directory => Path.GetFullPath(root);

    public Task<IReadOnlyList<StoredBundle>> ListAsync(CancellationToken cancel) =>
        ToldAsync<IReadOnlyList<StoredBundle>>(() =>
            Directory.Exists(_bundles)
                ?
                [
                    .. new DirectoryInfo(_bundles)
                        .EnumerateDirectories()
                        .Where(bundle => BundleDigest.Is(bundle.Name))
                        .Select(bundle => new FileInfo(Path.Combine(bundle.FullName, BundleFiles.Manifest)))
                        .Where(manifest => manifest.Exists)
                        .Select(manifest => new StoredBundle(
                            manifest.Directory!.Name,
                            manifest.LastWriteTimeUtc,
                            manifest.Directory.EnumerateFiles().Sum(file => file.Length)
                        )),
                ]
                : []
        );

    public Task<byte[]?> ReadAsync(string digest, string file, CancellationToken cancel) =>
        ToldAsync(() => File.Exists(Of(digest, file)) ? File.ReadAllBytes(Of(digest, file)) : null);

    public async Task CopyAsync(string digest, string file, string to, CancellationToken cancel)
    {
        if (!File.Exists(Of(digest, file)))
        {
            throw new StreamRecException(
                $"{Of(digest, file)} is not there, and a bundle of the registry has it: push the bundle again.",
                FaultKind.Input
            );
        }
        await using var source = await ToldAsync(() => File.OpenRead(Of(digest, file)));
        // What the target's disk refuses is no fault of the registry.
        await using var target = File.Create(to);
        var buffer = new byte[CopyBytes];
        while (await ToldAsync(() => source.ReadAsync(buffer, cancel).AsTask()) is > 0 and var read)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    public async Task PutAsync(string digest, string file, string from, string sha256, CancellationToken cancel)
    {
        var to = Of(digest, file);
        await ToldAsync(async () =>
        {
            if (File.Exists(to) && await HashAsync(to, cancel) == sha256)
            {
                return true;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            var temporary = $"{to}.{Guid.NewGuid():N}.tmp";
            try
            {
                await using (var source = File.OpenRead(from))
                await using (var target = File.Create(temporary))
                {
                    await source.CopyToAsync(target, cancel);
                    target.Flush(flushToDisk: true);
                }
                File.Move(temporary, to, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
            return true;
        });
    }

    public Task DeleteAsync(string digest, CancellationToken cancel) =>
        ToldAsync(() =>
        {
            File.Delete(Of(digest, BundleFiles.Manifest));
            Directory.Delete(Path.Combine(_bundles, digest), recursive: true);
            return true;
        });

    private static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    private string Of(string digest, string file) => Path.Combine(_bundles, digest, file);

    // What a disk refuses is told as the registry's.
    private async Task<T> ToldAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"The registry {root} cannot be used: {fault.Message}",
                FaultKind.Unreachable,
                fault
            )
            {
                Transient = true,
            };
        }
    }

    private Task<T> ToldAsync<T>(Func<T> ask) => ToldAsync(() => Task.FromResult(ask()));
}
