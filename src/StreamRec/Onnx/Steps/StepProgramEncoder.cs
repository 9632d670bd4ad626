using StreamRec.Encoders;
using StreamRec.Numerics.Matrices;
using StreamRec.Onnx.Runtime;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// Steps users by a <see cref="StepProgram"/>. A state is h, c, A [D], Z and m. One caller at a time.
/// </summary>
/// <remarks>
/// A user's result does not depend on who else is in the batch, to the bit. A step allocates nothing.
/// </remarks>
internal sealed unsafe class StepProgramEncoder : IStepEncoder
{
    private readonly StepProgram _program;
    private readonly Matrix _memory;
    private readonly int _items;

    /// <param name="items">N: items are 1..N.</param>
    public StepProgramEncoder(StepProgram program, int items)
    {
        (_program, _items) = (program, items);
        _memory = new Matrix(1, program.Floats);
        Dimension = program.Outputs[0].Width;
        StateWidth = program.Inputs.Sum(part => part.Width);
    }

    public int Dimension { get; }

    public int StateWidth { get; }

    public void Start(Span<float> state)
    {
        state.Clear();
        state[^1] = OnnxStepEncoder.BeforeAll;
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
        // All of them first: a step that is refused advances nobody.
        foreach (var item in items)
        {
            if ((uint)(item - 1) >= (uint)_items && added?.Has(item) != true)
            {
                throw new ArgumentOutOfRangeException(nameof(items), item, $"Items are 1..{_items}.");
            }
        }
        for (var at = 0; at < items.Length; at += StepProgram.MostRows)
        {
            var count = Math.Min(StepProgram.MostRows, items.Length - at);
            Run(items.Slice(at, count), states.Slice(at, count), users[(at * Dimension)..], added);
        }
        // The memory goes with the encoder, and pointers into it keep neither.
        GC.KeepAlive(this);
    }

    private void Run(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users, IAddedRows? added)
    {
        var at = 0;
        foreach (var part in _program.Inputs)
        {
            var rows = new Span<float>(part.In(_memory.Data), items.Length * part.Width);
            for (var row = 0; row < items.Length; row++)
            {
                states[row].AsSpan(at, part.Width).CopyTo(rows[(row * part.Width)..]);
            }
            at += part.Width;
        }
        var frame = new StepFrame(items, _memory.Data, added);
        foreach (var instruction in _program.Instructions)
        {
            instruction.Run(frame);
        }
        at = 0;
        for (var output = 1; output < _program.Outputs.Length; output++)
        {
            var part = _program.Outputs[output];
            var rows = new ReadOnlySpan<float>(part.In(_memory.Data), items.Length * part.Width);
            for (var row = 0; row < items.Length; row++)
            {
                rows.Slice(row * part.Width, part.Width).CopyTo(states[row].AsSpan(at));
            }
            at += part.Width;
        }
        new ReadOnlySpan<float>(_program.Outputs[0].In(_memory.Data), items.Length * Dimension).CopyTo(users);
    }
}
