namespace StreamRec.Encoders;

/// <summary>What a model encodes users with. Disposed of by whoever loaded the model, once nobody encodes.</summary>
public interface IModelEncoder : IDisposable
{
    /// <summary>Encodes whole sequences.</summary>
    IUserEncoder Whole { get; }

    /// <summary>
    /// Opens a step encoder for one thread, which must not outlive this; null: all is encoded by rerun.
    /// </summary>
    Func<IStepEncoder>? OpenStep { get; }
}
