using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Networks;

/// <summary>
/// The one definition of an architecture: its weights, by name and shape. Trainer and exporter both read it.
/// </summary>
internal sealed class EncoderWeights
{
    private readonly List<Parameter> _all = [];

    public EncoderWeights(TrainingPlan plan, int items)
    {
        var d = plan.Dimension;
        (Dimension, Items, Architecture) = (d, items, plan.Architecture);
        CosineScale = plan.CosineScale;
        Embedding = Add(
            "embedding",
            (items + 1 + 31) / 32 * 32,
            d,
            packed: plan.FullSoftmax,
            unit: CosineScale > 0,
            sparse: !plan.FullSoftmax
        );
        ItemBias = Add("item_bias", 1, Embedding.Value.Rows, packed: false);
        if (HasLstm)
        {
            LstmInput = Add("lstm_w", d, 4 * d);
            LstmState = Add("lstm_r", d, 4 * d);
            LstmBias = Add("lstm_b", 1, 4 * d, packed: false);
        }
        else
        {
            Taps = [Add("conv_w0", d, d), Add("conv_w1", d, d), Add("conv_w2", d, d)];
            ConvBias = Add("conv_b", 1, d, packed: false);
        }
        if (plan.Residual)
        {
            Gain = Add("norm_gain", 1, d, packed: false);
            Shift = Add("norm_shift", 1, d, packed: false);
        }
        if (HasAttention)
        {
            AttentionKind = plan.Attention;
            if (AttentionKind != ModelOptions.Linear)
            {
                Query = Add("attention_query", d, d);
            }
            Key = AttentionKind == ModelOptions.Additive ? Add("attention_key", d, d) : null;
            Attention = AttentionKind == ModelOptions.Dot ? null : Add("attention", 1, d, packed: false);
            FromAttention = Add("output_attention", d, d);
        }
        FromLast = Add("output_last", d, d);
        FromItem = plan.LastItem ? Add("output_item", d, d) : null;
        OutputBias = Add("output_b", 1, d, packed: false);
    }

    public int Dimension { get; }

    /// <summary>N.</summary>
    public int Items { get; }

    public string Architecture { get; }

    public bool HasLstm => Architecture != ModelOptions.ConvolutionAttention;

    public bool HasAttention => Architecture != ModelOptions.LstmDense;

    /// <summary>Above 0, item vectors have length 1 and user vectors this one, and there is no item bias.</summary>
    public float CosineScale { get; }

    public IReadOnlyList<Parameter> All => _all;

    /// <summary>
    /// Item vectors [V,D], input and output alike; V is N+1 rounded up to 32, and row 0 and rows beyond N are zero.
    /// </summary>
    public Parameter Embedding { get; }

    /// <summary>[1,V].</summary>
    public Parameter ItemBias { get; }

    /// <summary>[D,4D], gates in the order i, o, f, g.</summary>
    public Parameter? LstmInput { get; }

    /// <summary>[D,4D].</summary>
    public Parameter? LstmState { get; }

    /// <summary>[1,4D].</summary>
    public Parameter? LstmBias { get; }

    /// <summary>Three [D,D]: of x_t, x_(t−1) and x_(t−2).</summary>
    public Parameter[] Taps { get; } = [];

    /// <summary>[1,D].</summary>
    public Parameter? ConvBias { get; }

    /// <summary>[1,D]; null without a residual.</summary>
    public Parameter? Gain { get; }

    /// <summary>[1,D]; null without a residual.</summary>
    public Parameter? Shift { get; }

    /// <summary>linear, additive or dot; empty without attention.</summary>
    public string AttentionKind { get; } = "";

    /// <summary>The state is a running sum: one step an event is all it takes.</summary>
    public bool Steps => AttentionKind is "" or ModelOptions.Linear;

    /// <summary>Wq [D,D]; null for linear attention.</summary>
    public Parameter? Query { get; }

    /// <summary>Wk [D,D] of additive attention.</summary>
    public Parameter? Key { get; }

    /// <summary>[1,D]: a, where the score of a hidden state is h·a, or v of additive attention; null for dot.</summary>
    public Parameter? Attention { get; }

    /// <summary>[D,D]: the output layer's rows for the aggregated vector.</summary>
    public Parameter? FromAttention { get; }

    /// <summary>[D,D]: the output layer's rows for the last hidden state.</summary>
    public Parameter FromLast { get; }

    /// <summary>[D,D]: the output layer's rows for the last item's own vector; null where it is not read.</summary>
    public Parameter? FromItem { get; }

    /// <summary>[1,D].</summary>
    public Parameter OutputBias { get; }

    public void Initialize(Random random, float embeddingScale)
    {
        var bound = 1f / MathF.Sqrt(Dimension);
        foreach (var parameter in _all)
        {
            var values = parameter.Value.Span;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] =
                    parameter == Embedding ? Gaussian(random) * embeddingScale
                    : parameter == ItemBias || parameter == OutputBias || parameter == ConvBias || parameter == Shift
                        ? 0f
                    : parameter == Gain ? 1f
                    : ((random.NextSingle() * 2f) - 1f) * bound;
            }
        }
        Embedding.Value.RowSpan(0).Clear();
        Embedding.Value.Span[((Items + 1) * Dimension)..].Clear();
        LstmBias?.Value.Span.Slice(2 * Dimension, Dimension).Fill(1f);
        Repack();
    }

    /// <summary>To be called after every change of the weights.</summary>
    public void Repack() => Parallel.ForEach(_all, parameter => parameter.Repack());

    public Matrix[] Copy() =>
        _all.Select(parameter =>
            {
                var copy = new Matrix();
                copy.CopyFrom(parameter.Value);
                return copy;
            })
            .ToArray();

    public void CopyTo(Matrix[] copy)
    {
        foreach (var parameter in _all)
        {
            copy[parameter.Index].CopyFrom(parameter.Value);
        }
    }

    public void Restore(Matrix[] copy)
    {
        foreach (var parameter in _all)
        {
            parameter.Value.CopyFrom(copy[parameter.Index]);
        }
        Repack();
    }

    private static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private Parameter Add(string name, int rows, int cols, bool packed = true, bool unit = false, bool sparse = false)
    {
        _all.Add(new Parameter(name, _all.Count, rows, cols, packed, unit, sparse));
        return _all[^1];
    }
}
