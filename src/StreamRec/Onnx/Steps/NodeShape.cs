using StreamRec.Onnx.Graphs;

namespace StreamRec.Onnx.Steps;

/// <summary>A node that is being compiled: tells which of its attributes nobody asked for.</summary>
internal sealed class NodeShape(OperatorNode node)
{
    private readonly HashSet<string> _asked = [];

    public string Operator => node.Operator;

    public IReadOnlyList<string> Inputs => node.Inputs;

    public IReadOnlyList<string> Outputs => node.Outputs;

    public string Output => node.Outputs[0];

    public string Input(int at) => node.Inputs[at];

    public void Has(int inputs, int most = 0, int outputs = 1)
    {
        if (node.Inputs.Count < inputs || node.Inputs.Count > Math.Max(inputs, most) || node.Outputs.Count != outputs)
        {
            throw Refused($"has {node.Inputs.Count} inputs and {node.Outputs.Count} outputs");
        }
    }

    public long Whole(string attribute, long byDefault) => Attribute(attribute, byDefault);

    public float Real(string attribute, float byDefault) => Attribute(attribute, byDefault);

    public long[] Numbers(string attribute) => Attribute<long[]>(attribute, []);

    public void AllAttributesKnown()
    {
        if (node.Attributes.Keys.FirstOrDefault(name => !_asked.Contains(name)) is { } unknown)
        {
            throw Refused($"has attribute {unknown}");
        }
    }

    public UnsupportedGraphException Refused(string why) => new($"its operator {node.Operator} {why}");

    private T Attribute<T>(string name, T byDefault)
    {
        _asked.Add(name);
        return !node.Attributes.TryGetValue(name, out var value) ? byDefault
            : value is T typed ? typed
            : throw Refused($"has attribute {name} of another type");
    }
}
