namespace StreamRec.Serving;

/// <summary>
/// The model that lists are made with now. Owns it, and lends it to batches; another one takes its place between them.
/// Safe for any number of threads.
/// </summary>
public sealed class LiveModel : IDisposable
{
    private Promoted? _live;

    /// <param name="model">Belongs to this from here on.</param>
    /// <param name="promotion">
    /// The number of the promotion that made the model live: of two lists of the same events, that of the later
    /// promotion holds. 0: none did, as always while bundles are given to workers by hand.
    /// </param>
    public LiveModel(ServingModel model, long promotion = 0)
    {
        model.LayoutFailed += TellLayoutFailed;
        _live = new(model, promotion);
    }

    /// <summary>As of <see cref="ServingModel.LayoutFailed"/>, whichever model is live.</summary>
    public event Action<Exception>? LayoutFailed;

    /// <summary>Of the model that is live now.</summary>
    /// <exception cref="ObjectDisposedException">No model is live any more.</exception>
    public long Promotion => Current.Promotion;

    /// <summary>Lends the model that is live now, for as long as the lease is held.</summary>
    /// <exception cref="ObjectDisposedException">No model is live any more.</exception>
    public ModelLease Lease()
    {
        while (true)
        {
            var (model, promotion) = Current;
            // None where it was replaced just now.
            if (model.TryLease(promotion, out var lease))
            {
                return lease;
            }
        }
    }

    /// <summary>
    /// Makes another model live. Batches that are under way end with the one that they began with.
    /// </summary>
    /// <param name="next">Belongs to this from here on.</param>
    /// <returns>The model of before, which is the caller's: to be kept, or disposed of.</returns>
    /// <exception cref="ObjectDisposedException">No model is live any more; <paramref name="next"/> is disposed
    /// of.</exception>
    public ServingModel Exchange(ServingModel next, long promotion)
    {
        next.LayoutFailed += TellLayoutFailed;
        var promoted = new Promoted(next, promotion);
        var before = Volatile.Read(ref _live);
        while (before is not null)
        {
            var found = Interlocked.CompareExchange(ref _live, promoted, before);
            if (found == before)
            {
                before.Model.LayoutFailed -= TellLayoutFailed;
                return before.Model;
            }
            before = found;
        }
        next.Dispose();
        throw new ObjectDisposedException(nameof(LiveModel));
    }

    /// <summary>The model that is live was promoted once more: batches that begin from now on say so.</summary>
    public void Renumber(long promotion)
    {
        var before = Current;
        while (Interlocked.CompareExchange(ref _live, before with { Promotion = promotion }, before) != before)
        {
            before = Current;
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _live, null)?.Model.Dispose();

    private Promoted Current => Volatile.Read(ref _live) ?? throw new ObjectDisposedException(nameof(LiveModel));

    private void TellLayoutFailed(Exception fault) => LayoutFailed?.Invoke(fault);

    private sealed record Promoted(ServingModel Model, long Promotion);
}
