using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>A bundle's encoders, by step or, if asked for, by rerun alone; counts how often they are disposed
/// of.</summary>
internal sealed class TestEncoders(Bundle bundle, bool rerun = false) : IModelEncoder
{
    private readonly OnnxUserEncoder _whole = new(bundle);
    private readonly StepModel? _steps = rerun || bundle.StepPath is null ? null : new(bundle);

    public int Disposals { get; private set; }

    public IUserEncoder Whole => Disposals == 0 ? _whole : throw new ObjectDisposedException(nameof(TestEncoders));

    public Func<IStepEncoder>? OpenStep => _steps is null ? null : _steps.Open;

    /// <summary>A model that is live, of encoders that it owns.</summary>
    public static LiveModel Live(Bundle bundle, ServingOptions options, bool rerun = false) =>
        new(new ServingModel(bundle, new TestEncoders(bundle, rerun), options));

    public void Dispose()
    {
        Disposals++;
        _steps?.Dispose();
        _whole.Dispose();
    }
}
