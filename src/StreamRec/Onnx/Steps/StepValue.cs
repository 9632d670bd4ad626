using StreamRec.Numerics.Matrices;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// A value [B,Width] of a program, dense and row-major: in an encoder's memory, 64-byte aligned and as long as the most
/// rows need in whole vectors; or a constant row that stands there once for each of the most rows a run has.
/// </summary>
internal sealed unsafe class StepValue
{
    private readonly Matrix? _constant;
    private readonly int _offset;

    public StepValue(int width, int offset) => (Width, _offset) = (width, offset);

    public StepValue(Matrix constant) => (Width, _constant) = (constant.Cols, constant);

    public int Width { get; }

    public float* In(in StepFrame frame) => In(frame.Memory);

    public float* In(float* memory) => _constant is null ? memory + _offset : _constant.Data;
}
