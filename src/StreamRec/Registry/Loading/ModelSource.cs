using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Loading;

/// <summary>Loads models of a registry's bundles, from copies, on a thread that gives way to the work.</summary>
internal sealed class ModelSource(BundleCache cache, ModelLoader loader)
{
    /// <summary>Models that were loaded, and those that were given back.</summary>
    public (long Made, long Ended) Sessions => loader.Sessions;

    /// <exception cref="StreamRecException">The bundle cannot be had, or not be used; the message says why.</exception>
    public Task<LoadedModel> LoadAsync(string digest, CancellationToken cancel)
    {
        var done = new TaskCompletionSource<LoadedModel>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(Load(digest, cancel));
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        })
        {
            IsBackground = true,
            Name = "model",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    private LoadedModel Load(string digest, CancellationToken cancel)
    {
        var (directory, isNew) = cache.FetchAsync(digest, cancel).GetAwaiter().GetResult();
        try
        {
            return loader.LoadTried(directory, MemoryNeed.Free);
        }
        catch (StreamRecException fault) when (fault.Kind == FaultKind.Input && !cache.IsSound(digest))
        {
            // The copy is broken, and not necessarily what was pushed. Other workers load from it: a sound one stays.
            cache.Drop(digest);
            if (isNew)
            {
                throw;
            }
        }
        (directory, _) = cache.FetchAsync(digest, cancel).GetAwaiter().GetResult();
        return loader.LoadTried(directory, MemoryNeed.Free);
    }
}
