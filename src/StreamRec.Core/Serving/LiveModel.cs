namespace StreamRec.Serving;

/// <summary>
/// The model that lists are made with now. Owns it, and lends it to batches; another one takes its place between them.
/// Safe for any number of threads.
/// </summary>
public sealed class LiveModel : IDisposable
{
    private ServingModel? _model;

    /// <param name="model">Belongs to this from here on.</param>
    public LiveModel(ServingModel model)
    {
        model.LayoutFailed += TellLayoutFailed;
        _model = model;
    }

    /// <summary>As of <see cref="ServingModel.LayoutFailed"/>, whichever model is live.</summary>
    public event Action<Exception>? LayoutFailed;

    /// <summary>Lends the model that is live now, for as long as the lease is held.</summary>
    /// <exception cref="ObjectDisposedException">No model is live any more.</exception>
    public ModelLease Lease()
    {
        while (true)
        {
            var model = Volatile.Read(ref _model);
            ObjectDisposedException.ThrowIf(model is null, this);
            // None where it was replaced just now.
            if (model.TryLease(out var lease))
            {
                return lease;
            }
        }
    }

    /// <summary>
    /// Makes another model live. Batches that are under way end with the one that they began with; it is given back
    /// with the last of them.
    /// </summary>
    /// <param name="next">Belongs to this from here on.</param>
    /// <exception cref="ObjectDisposedException">No model is live any more; <paramref name="next"/> is disposed
    /// of.</exception>
    public void Replace(ServingModel next)
    {
        next.LayoutFailed += TellLayoutFailed;
        var before = Volatile.Read(ref _model);
        while (before is not null)
        {
            var found = Interlocked.CompareExchange(ref _model, next, before);
            if (found == before)
            {
                before.Dispose();
                return;
            }
            before = found;
        }
        next.Dispose();
        throw new ObjectDisposedException(nameof(LiveModel));
    }

    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Dispose();

    private void TellLayoutFailed(Exception fault) => LayoutFailed?.Invoke(fault);
}
