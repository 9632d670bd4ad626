using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamRec.Numerics.Matrices;
using StreamRec.Onnx.Graphs;
using StreamRec.Onnx.Runtime;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// Compiles the step graphs that our exporter writes; any operator, attribute or shape beyond those refuses a graph.
/// </summary>
internal sealed unsafe class StepCompiler
{
    private const string Item = OnnxStepModel.Item,
        Vector = OnnxStepModel.Vector;
    private const int MostFloats = 1 << 26;

    private readonly Dictionary<string, StepValue> _values = [];
    private readonly Dictionary<string, ConstantTensor> _constants = [];
    private readonly List<StepInstruction> _instructions = [];
    private readonly int _items;
    private readonly float[] _vectors;
    private int _floats;
    private long _reserved;

    private StepCompiler(int items, float[] vectors) => (_items, _vectors) = (items, vectors);

    /// <param name="dimension">D.</param>
    /// <param name="items">N: items are 1..N.</param>
    /// <param name="vectors">The bundle's item vectors: what a graph that takes rows is fed from. In one that looks
    /// items up a constant that is the same to the bit is not kept a second time.</param>
    /// <exception cref="UnsupportedGraphException">The graph is not compiled; the message says why.</exception>
    public static StepProgram Compile(OperatorGraph graph, int dimension, int items, float[] vectors)
    {
        var compiler = new StepCompiler(items, vectors);
        var names = OnnxStepModel.States;
        string[] events = [.. graph.Inputs.Except(names)];
        if (
            events is not [Item or Vector]
            || graph.Inputs.Count != names.Length + 1
            || !names.All(graph.Inputs.Contains)
        )
        {
            throw new UnsupportedGraphException($"its inputs are {string.Join(", ", graph.Inputs)}");
        }
        StepValue[] inputs =
        [
            .. names.Select((name, part) => compiler.Define(name, OnnxStepModel.Width(part, dimension))),
        ];
        if (events[0] == Vector)
        {
            compiler._instructions.Add(new GatherInstruction(vectors, compiler.Define(Vector, dimension)));
        }
        foreach (var constant in graph.Constants)
        {
            compiler.EnsureNew(constant.Name);
            compiler._constants.Add(constant.Name, constant);
        }
        foreach (var node in graph.Nodes)
        {
            compiler.Compile(new NodeShape(node));
        }
        StepValue Output(string name, int width) =>
            graph.Outputs.Contains(name) && compiler.Rows(name) is { } value && value.Width == width
                ? value
                : throw new UnsupportedGraphException($"its output {name} is not [B,{width}]");
        StepValue[] outputs =
        [
            Output(OnnxStepModel.Outputs[0], dimension),
            .. OnnxStepModel.Outputs.Skip(1).Select((name, part) => Output(name, OnnxStepModel.Width(part, dimension))),
        ];
        return new StepProgram([.. compiler._instructions], compiler._floats, inputs, outputs);
    }

    private void Compile(NodeShape node)
    {
        switch (node.Operator)
        {
            case "Gather":
                Gather(node);
                break;
            case "MatMul":
                Product(node);
                break;
            case "Add":
                Pairs(node, TensorPrimitives.Add, most: 2);
                break;
            case "Sub":
                Pairs(node, TensorPrimitives.Subtract, most: 2);
                break;
            case "Mul":
                Pairs(node, TensorPrimitives.Multiply, most: 2);
                break;
            case "Div":
                Pairs(node, TensorPrimitives.Divide, most: 2);
                break;
            case "Max":
                Pairs(node, TensorPrimitives.Max, most: int.MaxValue);
                break;
            case "Sum":
                Pairs(node, TensorPrimitives.Add, most: int.MaxValue);
                break;
            case "Sigmoid":
                Curve(node, Curves.Sigmoid);
                break;
            case "Tanh":
                Curve(node, Curves.Tanh);
                break;
            case "Exp":
                Curve(node, Curves.Exp);
                break;
            case "Identity":
                node.Has(inputs: 1);
                Alias(node.Output, Rows(node.Input(0)));
                break;
            case "Split":
                Split(node);
                break;
            case "ReduceL2":
                Length(node);
                break;
            case "LayerNormalization":
                Norm(node);
                break;
            default:
                throw node.Refused("is not one that is compiled");
        }
        node.AllAttributesKnown();
    }

    private void Gather(NodeShape node)
    {
        node.Has(inputs: 2);
        var table = Constant(node, 0, rank: 2);
        if (node.Whole("axis", 0) != 0 || node.Input(1) != Item || table.Shape[0] <= _items)
        {
            throw node.Refused($"is not of rows 1..{_items} by {Item}");
        }
        var known = MemoryMarshal
            .AsBytes(table.Values.AsSpan())
            .SequenceEqual(MemoryMarshal.AsBytes(_vectors.AsSpan()));
        _instructions.Add(new GatherInstruction(known ? _vectors : table.Values, Define(node.Output, table.Shape[1])));
    }

    private void Product(NodeShape node)
    {
        node.Has(inputs: 2);
        var (x, w) = (Rows(node.Input(0)), Constant(node, 1, rank: 2));
        if (x.Width != w.Shape[0])
        {
            throw node.Refused($"is of [B,{x.Width}] and [{string.Join(",", w.Shape)}]");
        }
        Reserve(w.Shape[0], (long)w.Shape[1] + Gemm.PanelWidth);
        fixed (float* weights = w.Values)
        {
            var packed = new PackedMatrix().Pack(weights, w.Shape[0], w.Shape[1], w.Shape[1]);
            _instructions.Add(new ProductInstruction(x, packed, Define(node.Output, w.Shape[1])));
        }
    }

    /// <summary>((a ∘ b) ∘ c) ∘ …, each operand brought to the widest one's shape first.</summary>
    private void Pairs(NodeShape node, Pairing pairing, int most)
    {
        node.Has(inputs: 2, most);
        var width = node.Inputs.Max(name =>
            _constants.TryGetValue(name, out var constant) ? constant.Values.Length : Rows(name).Width
        );
        if (node.Inputs.All(_constants.ContainsKey))
        {
            throw node.Refused("is of constants alone");
        }
        StepValue[] operands = [.. node.Inputs.Select(name => Wide(node, name, width))];
        var left = operands[0];
        for (var at = 1; at < operands.Length; at++)
        {
            var result = at == operands.Length - 1 ? Define(node.Output, width) : Allocate(width);
            _instructions.Add(new PairInstruction(pairing, left, operands[at], result));
            left = result;
        }
    }

    private void Curve(NodeShape node, Curve curve)
    {
        node.Has(inputs: 1);
        var x = Rows(node.Input(0));
        _instructions.Add(new CurveInstruction(curve, x, Define(node.Output, x.Width)));
    }

    private void Split(NodeShape node)
    {
        node.Has(inputs: 1, outputs: node.Outputs.Count);
        var x = Rows(node.Input(0));
        int parts = node.Outputs.Count,
            width = x.Width / Math.Max(1, parts);
        if (node.Whole("axis", 0) is not (1 or -1) || width * parts != x.Width)
        {
            throw node.Refused($"is not of [B,{x.Width}] into {parts} equal parts");
        }
        for (var part = 0; part < parts; part++)
        {
            _instructions.Add(new ColumnsInstruction(x, part * width, Define(node.Outputs[part], width)));
        }
    }

    private void Length(NodeShape node)
    {
        node.Has(inputs: 1);
        if (node.Numbers("axes") is not [1 or -1] || node.Whole("keepdims", 1) != 1)
        {
            throw node.Refused("is not of each row");
        }
        _instructions.Add(new LengthInstruction(Rows(node.Input(0)), Define(node.Output, 1)));
    }

    private void Norm(NodeShape node)
    {
        node.Has(inputs: 3);
        var x = Rows(node.Input(0));
        var (gain, shift) = (Constant(node, 1, rank: 1), Constant(node, 2, rank: 1));
        if (
            node.Whole("axis", -1) is not (1 or -1)
            || node.Whole("stash_type", 1) != 1
            || gain.Shape[0] != x.Width
            || shift.Shape[0] != x.Width
        )
        {
            throw node.Refused($"is not of rows of {x.Width}");
        }
        _instructions.Add(
            new NormInstruction(x, gain.Values, shift.Values, node.Real("epsilon", 1e-5f), Define(node.Output, x.Width))
        );
    }

    private ConstantTensor Constant(NodeShape node, int input, int rank) =>
        _constants.TryGetValue(node.Input(input), out var constant) && constant.Shape.Length == rank
            ? constant
            : throw node.Refused($"needs a constant of rank {rank} as input {input}");

    private StepValue Rows(string name) =>
        _values.TryGetValue(name, out var value)
            ? value
            : throw new UnsupportedGraphException($"{name} is used where rows of numbers are needed");

    /// <summary>An operand as [B,width], where it is that, [B,1], or a constant [width], [1] or [].</summary>
    private StepValue Wide(NodeShape node, string name, int width)
    {
        if (_constants.TryGetValue(name, out var constant))
        {
            if (constant.Shape.Length > 1 || (constant.Values.Length != 1 && constant.Values.Length != width))
            {
                throw node.Refused($"is of a constant [{string.Join(",", constant.Shape)}] and rows of {width}");
            }
            Reserve(StepProgram.MostRows, width);
            var rows = new Matrix(StepProgram.MostRows, width);
            for (var at = 0; at < rows.Length; at++)
            {
                rows.Span[at] = constant.Values[at % width % constant.Values.Length];
            }
            return new StepValue(rows);
        }
        var value = Rows(name);
        if (value.Width == width)
        {
            return value;
        }
        var spread =
            value.Width == 1 ? Allocate(width) : throw node.Refused($"is of rows of {value.Width} and of {width}");
        _instructions.Add(new SpreadInstruction(value, spread));
        return spread;
    }

    private StepValue Define(string name, int width)
    {
        var value = Allocate(width);
        Alias(name, value);
        return value;
    }

    private void Alias(string name, StepValue value)
    {
        EnsureNew(name);
        _values.Add(name, value);
    }

    private void EnsureNew(string name)
    {
        if (name.Length == 0 || name == Item || _values.ContainsKey(name) || _constants.ContainsKey(name))
        {
            throw new UnsupportedGraphException($"\"{name}\" is not a name for one more value");
        }
    }

    // Whole vectors, for curves run beyond the last row; and a cache line between values, which could else lie
    // multiples of a page apart and be kept in the same few places of a cache.
    private StepValue Allocate(int width)
    {
        var value = new StepValue(width, _floats);
        Reserve(StepProgram.MostRows, width + 1);
        _floats += StepProgram.Whole(StepProgram.MostRows * width) + ActivationKernels.Width;
        return value;
    }

    // So that a small file cannot ask for a lot of memory.
    private void Reserve(long rows, long columns)
    {
        _reserved += rows * columns;
        if (_reserved > MostFloats)
        {
            throw new UnsupportedGraphException($"it needs more than {MostFloats} floats");
        }
    }
}
