using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Options;
using StreamRec.Redis.Connection;
using StreamRec.Registry;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;

namespace StreamRec.Doctor;

/// <summary>The registry: whether what is promoted and staged is there, and fits into the memory.</summary>
internal sealed class RegistryChecks(WorkOptions options)
{
    private const string Live = "registry.live",
        Staged = "registry.staged";

    public async Task<IReadOnlyList<Finding>> FindAsync(IConnectionMultiplexer redis, CancellationToken cancel)
    {
        if (options.Registry.Length == 0)
        {
            return [];
        }
        try
        {
            var (database, server) = (redis.GetDatabase(), options.RedisSettings());
            var bundles = BundleRegistry.Open(options.Registry, database, options.Prefix, server);
            var pointer = await new ModelPointer(database, new(options.Prefix), server).ReadAsync(cancel);
            return
            [
                pointer.Live is { } live
                    ? await FindAsync(Live, bundles, live.Digest, live.Model, cancel)
                    : Finding.Warn(Live, "nothing is promoted yet: workers wait", "streamrec models promote ID"),
                .. pointer.Staged is { } staged
                    ? [await FindAsync(Staged, bundles, staged.Digest, staged.Model, cancel)]
                    : Array.Empty<Finding>(),
            ];
        }
        catch (StreamRecException fault)
        {
            return [Finding.Fail(Live, fault.Message)];
        }
    }

    private static async Task<Finding> FindAsync(
        string check,
        BundleRegistry bundles,
        string digest,
        string model,
        CancellationToken cancel
    )
    {
        var about = $"model {Excerpt.Of(model)} ({Excerpt.Of(digest)})";
        return await bundles.ManifestAsync(digest, cancel) is not { } manifest
                ? Finding.Fail(check, $"{about} is not in the registry {bundles.Name}, or not whole: push it again")
            : MemoryNeed.Fault(manifest, MemoryNeed.Free) is { } fault ? Finding.Warn(check, $"{about}: {fault}")
            : Finding.Ok(check, $"{about} is in the registry {bundles.Name}");
    }
}
