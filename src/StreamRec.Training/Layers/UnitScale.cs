using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>Gives every row the length <paramref name="scale"/>: y = scale·x/(|x| + ε); [P,D], in place.</summary>
internal sealed unsafe class UnitScale(float scale)
{
    /// <summary>Keeps a row of zeros at zero.</summary>
    public const float Epsilon = 1e-12f;

    private readonly Matrix _unit = new();
    private float[] _factors = [];

    public void Forward(Matrix x)
    {
        _unit.Resize(x.Rows, x.Cols);
        if (_factors.Length < x.Rows)
        {
            _factors = new float[x.Rows];
        }
        for (var row = 0; row < x.Rows; row++)
        {
            var inverse = 1f / (MathF.Sqrt(ActivationKernels.Dot(x.Row(row), x.Row(row), x.Cols)) + Epsilon);
            ActivationKernels.Scale(_unit.Row(row), x.Row(row), inverse, x.Cols);
            ActivationKernels.Scale(x.Row(row), _unit.Row(row), scale, x.Cols);
            _factors[row] = scale * inverse;
        }
    }

    /// <summary>dx = scale/|x| · (dy − x̂·(x̂·dy)), in place.</summary>
    public void Backward(Matrix dy)
    {
        for (var row = 0; row < dy.Rows; row++)
        {
            var along = ActivationKernels.Dot(_unit.Row(row), dy.Row(row), dy.Cols);
            ActivationKernels.Blend(dy.Row(row), _factors[row], _unit.Row(row), -_factors[row] * along, dy.Cols);
        }
    }
}
