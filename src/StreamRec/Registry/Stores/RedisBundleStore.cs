using System.Globalization;
using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Redis.Connection;

namespace StreamRec.Registry.Stores;

/// <summary>Bundles in Redis itself, in pieces: for the demo and for set-ups that share no directory.</summary>
internal sealed class RedisBundleStore(IDatabase redis, ModelKeys keys, RedisSettings server) : IBundleStore
{
    /// <summary>Of a bundle, all its files together.</summary>
    public const long MostBytes = 64 << 20;

    private const int ChunkBytes = 512 << 10;

    public string Name => "redis:";

    public string? Directory => null;

    public async Task<IReadOnlyList<StoredBundle>> ListAsync(CancellationToken cancel)
    {
        var found = new List<StoredBundle>();
        foreach (var bundle in await AskedAsync(() => redis.HashGetAllAsync(keys.Bundles), cancel))
        {
            var digest = (string)bundle.Name!;
            if (!BundleDigest.Is(digest) || !bundle.Value.TryParse(out long pushedMs))
            {
                throw new StreamRecException(
                    $"Field '{Excerpt.Of(digest)}' of the key {keys.Bundles} is no bundle's digest and time: "
                        + "delete the field.",
                    FaultKind.Input
                );
            }
            var files = await AskedAsync(() => redis.HashGetAllAsync(keys.Files(digest)), cancel);
            found.Add(
                new StoredBundle(
                    digest,
                    DateTimeOffset.FromUnixTimeMilliseconds(pushedMs),
                    files.Sum(file => Read(file.Value).Length)
                )
            );
        }
        return found;
    }

    public async Task<byte[]?> ReadAsync(string digest, string file, CancellationToken cancel)
    {
        if (await FileAsync(digest, file, cancel) is not var (length, _))
        {
            return null;
        }
        var bytes = new byte[length];
        for (var (at, from) = (0, 0); from < length; at++)
        {
            var chunk = await ChunkAsync(digest, file, at, cancel);
            if (chunk.Length == 0 || chunk.Length > length - from)
            {
                throw Missing(digest, file);
            }
            chunk.CopyTo(bytes.AsSpan(from));
            from += chunk.Length;
        }
        return bytes;
    }

    public async Task CopyAsync(string digest, string file, string to, CancellationToken cancel) =>
        await File.WriteAllBytesAsync(to, await ReadAsync(digest, file, cancel) ?? throw Missing(digest, file), cancel);

    public async Task PutAsync(string digest, string file, string from, string sha256, CancellationToken cancel)
    {
        if (
            await FileAsync(digest, file, cancel) is not var (length, there)
            || there != sha256
            || !await HasChunksAsync(digest, file, length, cancel)
        )
        {
            await WriteAsync(digest, file, from, sha256, cancel);
        }
        // Also where all is there but this: a push may have broken off right before it.
        if (
            file == BundleFiles.Manifest
            && (await AskedAsync(() => redis.HashGetAsync(keys.Bundles, digest), cancel)).IsNull
        )
        {
            await AskedAsync(async () => await redis.HashSetAsync(keys.Bundles, digest, await NowAsync()), cancel);
        }
    }

    private async Task WriteAsync(string digest, string file, string from, string sha256, CancellationToken cancel)
    {
        await using var source = File.OpenRead(from);
        var others = await AskedAsync(() => redis.HashGetAllAsync(keys.Files(digest)), cancel);
        var inAll = source.Length + others.Where(one => one.Name != file).Sum(one => Read(one.Value).Length);
        if (inAll > MostBytes)
        {
            throw new StreamRecException(
                $"The bundle has more than the {MostBytes >> 20} MiB that fit into Redis ({file} has {source.Length} "
                    + "bytes): give --registry a directory that the workers reach.",
                FaultKind.Usage
            );
        }
        var chunk = new byte[ChunkBytes];
        for (var at = 0; ; at++)
        {
            var length = await source.ReadAtLeastAsync(chunk, ChunkBytes, throwOnEndOfStream: false, cancel);
            if (length > 0)
            {
                await AskedAsync(
                    () => redis.StringSetAsync(keys.Chunk(digest, file, at), chunk.AsMemory(0, length)),
                    cancel
                );
            }
            if (length < ChunkBytes)
            {
                break;
            }
        }
        var about = string.Create(CultureInfo.InvariantCulture, $"{source.Length} {sha256}");
        await AskedAsync(() => redis.HashSetAsync(keys.Files(digest), file, about), cancel);
    }

    public Task DeleteAsync(string digest, CancellationToken cancel) =>
        AskedAsync(
            async () =>
            {
                await redis.HashDeleteAsync(keys.Bundles, digest);
                // Before the chunks: what is said to be there is there.
                var files = await redis.HashGetAllAsync(keys.Files(digest));
                await redis.KeyDeleteAsync(keys.Files(digest));
                foreach (var file in files)
                {
                    for (var at = 0; at < Chunks(Read(file.Value).Length); at++)
                    {
                        await redis.KeyDeleteAsync(keys.Chunk(digest, (string)file.Name!, at));
                    }
                }
                return true;
            },
            cancel
        );

    private async Task<(long Length, string Sha256)?> FileAsync(string digest, string file, CancellationToken cancel) =>
        await AskedAsync(() => redis.HashGetAsync(keys.Files(digest), file), cancel) is { IsNull: false } about
            ? Read(about)
            : null;

    private async Task<bool> HasChunksAsync(string digest, string file, long length, CancellationToken cancel)
    {
        for (var at = 0; at < Chunks(length); at++)
        {
            var there = await AskedAsync(() => redis.StringLengthAsync(keys.Chunk(digest, file, at)), cancel);
            if (there != Math.Min(ChunkBytes, length - (long)at * ChunkBytes))
            {
                return false;
            }
        }
        return true;
    }

    private static int Chunks(long length) => (int)((length + ChunkBytes - 1) / ChunkBytes);

    private static (long Length, string Sha256) Read(RedisValue about) =>
        ((string)about!).Split(' ') is [var length, var sha256]
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        && bytes <= MostBytes
            ? (bytes, sha256)
            : (0, "");

    private async Task<byte[]> ChunkAsync(string digest, string file, int at, CancellationToken cancel) =>
        (byte[]?)await AskedAsync(() => redis.StringGetAsync(keys.Chunk(digest, file, at)), cancel) ?? [];

    // The server's clock: whoever lists bundles may have another than who pushed.
    private async Task<long> NowAsync() =>
        (long)
            await redis.ScriptEvaluateAsync(
                "local t = redis.call('TIME'); return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)",
                [keys.Bundles]
            );

    private static StreamRecException Missing(string digest, string file) =>
        new(
            $"{file} of bundle {digest[..BundleDigest.Short]} is not whole in Redis: push the bundle again.",
            FaultKind.Input
        );

    private Task<T> AskedAsync<T>(Func<Task<T>> ask, CancellationToken cancel) =>
        RedisRefusal.AskedAsync(server, ask).WaitAsync(cancel);
}
