using Microsoft.ML.OnnxRuntime;
using StreamRec.Encoders;
using StreamRec.Models;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Steps users through an <see cref="OnnxStepModel"/>. A state is h, c, A [D], Z and m. One caller at a time.
/// </summary>
/// <remarks>
/// Batches are padded to a power of two, so that ONNX Runtime sees few shapes, and run between buffers that stay where
/// they are: a step allocates nothing.
/// </remarks>
public sealed class OnnxStepEncoder : IStepEncoder, IDisposable
{
    internal const float BeforeAll = -1e30f;
    private const int LargestBatch = 256,
        Parts = 5;

    private readonly OnnxStepModel _model;
    private readonly RunOptions _runOptions = new();
    private readonly long[] _items;
    private readonly float[] _rows;
    private readonly float[] _users;
    private readonly float[][] _before = new float[Parts][];
    private readonly float[][] _after = new float[Parts][];
    private readonly Dictionary<int, (OrtIoBinding Binding, OrtValue[] Values)> _shapes = [];

    internal OnnxStepEncoder(OnnxStepModel model)
    {
        _model = model;
        _users = new float[LargestBatch * Dimension];
        // Of the two the one that the graph takes; behind a batch's end stands what any graph runs on.
        _items = model.Table is null ? new long[LargestBatch] : [];
        _rows = model.Table is null ? [] : new float[LargestBatch * Dimension];
        Array.Fill(_items, 1);
        for (var part = 0; part < Parts; part++)
        {
            _before[part] = new float[LargestBatch * OnnxStepModel.Width(part, Dimension)];
            _after[part] = new float[LargestBatch * OnnxStepModel.Width(part, Dimension)];
        }
    }

    public int Dimension => _model.Dimension;

    public int StateWidth => (3 * Dimension) + 2;

    public void Start(Span<float> state)
    {
        state.Clear();
        state[^1] = BeforeAll;
    }

    public void Step(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users, IAddedRows? added = null)
    {
        if (states.Length != items.Length || users.Length < items.Length * Dimension)
        {
            throw new ArgumentException(
                $"{items.Length} items need {items.Length} states and {items.Length * Dimension} floats.",
                nameof(states)
            );
        }
        for (var at = 0; at < items.Length; at += LargestBatch)
        {
            var count = Math.Min(LargestBatch, items.Length - at);
            Run(items.Slice(at, count), states.Slice(at, count), users[(at * Dimension)..], added);
        }
    }

    public void Dispose()
    {
        foreach ((var binding, var values) in _shapes.Values)
        {
            binding.Dispose();
            Array.ForEach(values, value => value.Dispose());
        }
        _runOptions.Dispose();
    }

    private void Run(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users, IAddedRows? added)
    {
        for (var row = 0; row < items.Length; row++)
        {
            var item =
                (uint)(items[row] - 1) < (uint)_model.Items || added?.Has(items[row]) == true
                    ? items[row]
                    : throw new ArgumentOutOfRangeException(nameof(items), items[row], $"Items are 1..{_model.Items}.");
            if (_model.Table is { } table)
            {
                var from = item <= _model.Items ? table.AsSpan(item * Dimension, Dimension) : added!.Of(item);
                from.CopyTo(_rows.AsSpan(row * Dimension));
            }
            else
            {
                _items[row] = item;
            }
            Copy(states[row], _before, row, fromUser: true);
        }
        var batch = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)items.Length);
        try
        {
            _model.Session.RunWithBinding(_runOptions, Shape(batch));
        }
        catch (OnnxRuntimeException fault)
        {
            throw new EncoderFailedException(
                $"{BundleFiles.Step} failed on {items.Length} items: {fault.Message}",
                fault
            );
        }
        for (var row = 0; row < items.Length; row++)
        {
            Copy(states[row], _after, row, fromUser: false);
        }
        _users.AsSpan(0, items.Length * Dimension).CopyTo(users);
    }

    private void Copy(float[] state, float[][] parts, int row, bool fromUser)
    {
        var at = 0;
        for (var part = 0; part < Parts; part++)
        {
            var width = OnnxStepModel.Width(part, Dimension);
            Span<float> of = state.AsSpan(at, width),
                here = parts[part].AsSpan(row * width, width);
            at += width;
            if (fromUser)
            {
                of.CopyTo(here);
            }
            else
            {
                here.CopyTo(of);
            }
        }
    }

    private OrtIoBinding Shape(int batch)
    {
        if (_shapes.TryGetValue(batch, out (OrtIoBinding Binding, OrtValue[]) known))
        {
            return known.Binding;
        }
        OrtValue Of(float[] memory, int width) =>
            OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance,
                memory.AsMemory(0, batch * width),
                [batch, width]
            );
        OrtValue[] values =
        [
            _model.Table is null
                ? OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance,
                    _items.AsMemory(0, batch),
                    [batch]
                )
                : Of(_rows, Dimension),
            .. _before.Select((memory, part) => Of(memory, OnnxStepModel.Width(part, Dimension))),
            Of(_users, Dimension),
            .. _after.Select((memory, part) => Of(memory, OnnxStepModel.Width(part, Dimension))),
        ];
        var binding = _model.Session.CreateIoBinding();
        string[] inputs = [_model.Event, .. OnnxStepModel.States];
        for (var at = 0; at < inputs.Length; at++)
        {
            binding.BindInput(inputs[at], values[at]);
            binding.BindOutput(OnnxStepModel.Outputs[at], values[inputs.Length + at]);
        }
        _shapes[batch] = (binding, values);
        return binding;
    }
}
