using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;
using StreamRec.Training.Losses;
using StreamRec.Training.Options;

namespace StreamRec.Training.Networks;

/// <summary>
/// The encoder over packed sequences: x = V[items]; h = context(x), with a residual norm(x + h); y = attention(h);
/// u = [y; h; x]·Wo + bo, Wo split in [D,D] each, x where the options say so; with a cosine softmax u has a fixed
/// length. Owns the buffers of one shard: one thread at a time.
/// </summary>
internal sealed class EncoderNetwork
{
    private readonly EncoderWeights _weights;
    private readonly IContextLayer _context;
    private readonly ResidualNorm? _norm;
    private readonly IAttention? _attention;
    private readonly UnitScale? _unit;
    private readonly ILoss _loss;
    private readonly Dropout _itemDropout,
        _inputDropout,
        _lastDropout,
        _pooledDropout;
    private readonly Matrix _x = new(),
        _last = new(),
        _pooled = new(),
        _users = new(),
        _dLast = new(),
        _dPooled = new();
    private readonly PackedMatrix _packedUsers = new();
    private readonly Matrix _dHidden = new();
    private Matrix _hidden = new();

    public EncoderNetwork(EncoderWeights weights, TrainingPlan plan)
    {
        _weights = weights;
        _context = weights.HasLstm
            ? new Lstm(weights.LstmInput!, weights.LstmState!, weights.LstmBias!)
            : new CausalConvolution(weights.Taps[0], weights.Taps[1], weights.Taps[2], weights.ConvBias!);
        _norm = weights.Gain is { } gain ? new ResidualNorm(gain, weights.Shift!) : null;
        _unit = weights.CosineScale > 0 ? new UnitScale(weights.CosineScale) : null;
        _attention = weights switch
        {
            { HasAttention: false } => null,
            { Query: { } query } => new QueryAttention(query, weights.Key, weights.Attention),
            _ => new PrefixAttention(weights.Attention!),
        };
        var biased = weights.CosineScale == 0;
        _loss = plan.FullSoftmax
            ? new SoftmaxLoss(weights.Embedding, weights.ItemBias, weights.Items, plan.LabelSmoothing, biased)
            : new SampledLoss(weights.Embedding, weights.ItemBias, weights.Items, plan.Loss, plan.Negatives, biased);
        _itemDropout = new Dropout(plan.ItemDropout);
        _inputDropout = new Dropout(plan.InputDropout);
        _lastDropout = new Dropout(plan.OutputDropout);
        _pooledDropout = new Dropout(plan.OutputDropout);
        Gradients = new Gradients(weights.All);
    }

    public Gradients Gradients { get; }

    /// <summary>
    /// User vectors [P,D], one at every position; valid until the next call. Without a seed nothing is dropped.
    /// </summary>
    public Matrix Forward(PackedBatch batch, ulong? dropoutSeed = null)
    {
        var d = _weights.Dimension;
        _x.Resize(batch.Positions, d);
        for (var row = 0; row < batch.Positions; row++)
        {
            _weights.Embedding.Seen.RowSpan(batch.Items[row]).CopyTo(_x.RowSpan(row));
        }
        if (dropoutSeed is ulong seed)
        {
            _itemDropout.ForwardRows(_x, seed + (4UL << 56));
        }
        Drop(_inputDropout, _x, dropoutSeed, 1);
        _hidden = _context.Forward(batch, _x);
        _hidden = _norm?.Forward(_x, _hidden) ?? _hidden;
        _last.CopyFrom(_hidden);
        Drop(_lastDropout, _last, dropoutSeed, 2);
        Gemm.Multiply(_last, _weights.FromLast.Packed, _users.Resize(batch.Positions, d));
        if (_attention is not null)
        {
            _pooled.CopyFrom(_attention.Forward(batch, _hidden));
            Drop(_pooledDropout, _pooled, dropoutSeed, 3);
            Gemm.Multiply(_pooled, _weights.FromAttention!.Packed, _users, accumulate: true);
        }
        if (_weights.FromItem is { } fromItem)
        {
            Gemm.Multiply(_x, fromItem.Packed, _users, accumulate: true);
        }
        unsafe
        {
            ActivationKernels.AddBias(_users, _weights.OutputBias.Value.Data);
        }
        _unit?.Forward(_users);
        return _users;
    }

    /// <summary>The sum of losses over the batch; adds the gradients of <paramref name="scale"/> times it.</summary>
    public double ForwardBackward(PackedBatch batch, float scale, ulong? dropoutSeed)
    {
        var users = Forward(batch, dropoutSeed);
        var loss = _loss.ForwardBackward(users, batch.Targets, scale, dropoutSeed ?? 0, Gradients);
        var du = _loss.UserGradient;
        _unit?.Backward(du);
        unsafe
        {
            ActivationKernels.AddRows(du, Gradients[_weights.OutputBias].Data);
        }
        _packedUsers.Pack(du);
        Gemm.AddTransposed(_last, _packedUsers, Gradients[_weights.FromLast]);
        Gemm.Multiply(du, _weights.FromLast.PackedTransposed, _dLast.Resize(du.Rows, du.Cols));
        Undrop(_lastDropout, _dLast, dropoutSeed);
        if (_attention is not null)
        {
            Gemm.AddTransposed(_pooled, _packedUsers, Gradients[_weights.FromAttention!]);
            Gemm.Multiply(du, _weights.FromAttention!.PackedTransposed, _dPooled.Resize(du.Rows, du.Cols));
            Undrop(_pooledDropout, _dPooled, dropoutSeed);
            _attention.Backward(batch, _hidden, _dPooled, _dLast, Gradients);
        }
        var dx = Context(batch);
        if (_weights.FromItem is { } fromItem)
        {
            Gemm.AddTransposed(_x, _packedUsers, Gradients[fromItem]);
            Gemm.Multiply(du, fromItem.PackedTransposed, dx, accumulate: true);
        }
        Undrop(_inputDropout, dx, dropoutSeed);
        Undrop(_itemDropout, dx, dropoutSeed);
        for (var row = 0; row < batch.Positions; row++)
        {
            unsafe
            {
                ActivationKernels.Add(Gradients.Row(_weights.Embedding, batch.Items[row]), dx.Row(row), dx.Cols);
            }
        }
        return loss;
    }

    /// <summary>∂loss/∂x through the context layer, and round it.</summary>
    private Matrix Context(PackedBatch batch)
    {
        if (_norm is null)
        {
            return _context.Backward(batch, _x, _dLast, Gradients);
        }
        var around = _norm.Backward(_dLast, Gradients);
        _dHidden.CopyFrom(around);
        var dx = _context.Backward(batch, _x, _dHidden, Gradients);
        unsafe
        {
            ActivationKernels.Add(dx.Data, around.Data, dx.Length);
        }
        return dx;
    }

    private static void Drop(Dropout dropout, Matrix x, ulong? seed, ulong place)
    {
        if (seed is ulong value)
        {
            dropout.Forward(x, value + (place << 56));
        }
    }

    private static void Undrop(Dropout dropout, Matrix dx, ulong? seed)
    {
        if (seed is not null)
        {
            dropout.Backward(dx);
        }
    }
}
