namespace StreamRec.Serving;

/// <summary>A use of a model: until it is disposed of, by one thread at a time, the model is there.</summary>
public sealed class ModelLease : IDisposable
{
    private ServingModel? _model;

    internal ModelLease(ServingModel model, long promotion) => (_model, Promotion) = (model, promotion);

    /// <summary>By which the model was live when it was lent.</summary>
    public long Promotion { get; }

    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public ServingModel Model => _model ?? throw new ObjectDisposedException(nameof(ModelLease));

    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Leave();
}
