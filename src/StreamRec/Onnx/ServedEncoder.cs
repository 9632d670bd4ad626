using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;

namespace StreamRec.Onnx;

/// <summary>
/// What a bundle serves with: its step.onnx where there is one, else encoder.onnx over and over. A bundle whose two
/// graphs say different things is refused, so that what `evaluate` judges by encoder.onnx is what `work` serves.
/// </summary>
public sealed class ServedEncoder : IModelEncoder
{
    private readonly StepModel? _steps;

    /// <exception cref="StreamRecException">
    /// A graph breaks the contract, or the two are not the same function.
    /// </exception>
    public ServedEncoder(Bundle bundle)
    {
        Whole = new OnnxUserEncoder(bundle);
        try
        {
            _steps = bundle.StepPath is null ? null : new StepModel(bundle);
            if (_steps is not null)
            {
                StepAgreement.Require(bundle, Whole, _steps);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>encoder.onnx; safe for several callers at once.</summary>
    public OnnxUserEncoder Whole { get; }

    IUserEncoder IModelEncoder.Whole => Whole;

    /// <summary>
    /// Opens a step encoder for one thread, which must not outlive this; null: all is encoded by rerun.
    /// </summary>
    public Func<IStepEncoder>? OpenStep => _steps is null ? null : _steps.Open;

    /// <summary>How users are encoded, for the start line.</summary>
    public string How =>
        _steps switch
        {
            null => "by rerun",
            { NotCompiled: { } why } => $"by step, through ONNX Runtime since {why}",
            _ => "by step",
        };

    public void Dispose()
    {
        _steps?.Dispose();
        Whole.Dispose();
    }
}
